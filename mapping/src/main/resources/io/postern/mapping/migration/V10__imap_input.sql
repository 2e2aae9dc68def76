-- How far a folder of a mailbox has been read, from which mail is fetched. Another server, login,
-- folder or person is another row: it begins anew. since_day stands while a folder is read again that
-- its server has made anew.
create table if not exists imap_folder (
  folder_digest varchar(64) primary key,
  uid_validity bigint not null,
  last_uid bigint not null,
  seen_at timestamp(6) with time zone not null,
  since_day date
);
