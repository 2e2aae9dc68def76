-- Mails that peers have asked for whole and have not got yet: that is stored in the transaction that takes
-- the command, and the mail is read and given after it, since that may take a while. A row is gone when its
-- mail has been given.
create table if not exists asked_mail (
  installation_id varchar(64) not null,
  message_id varchar(64) not null,
  group_id varchar(32) not null,
  conversation varchar(32) not null,
  peer_inbox varchar(64) not null,
  spool_id varchar(128) not null,
  asked_at timestamp(6) with time zone not null,
  primary key (installation_id, message_id)
);
create index if not exists asked_mail_by_age on asked_mail (asked_at);
