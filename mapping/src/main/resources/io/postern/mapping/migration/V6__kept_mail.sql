-- Where the whole of each mail is kept that became messages, so that a peer may ask for what was cut.
-- A file's name is random, its content sealed with the vault key. A message says who may ask: those of
-- its conversation. asked_at is when that was last granted, so that asking is not a way to flood.
create table if not exists kept_mail (
  spool_id varchar(128) primary key,
  file_name varchar(64) not null unique,
  file_octets bigint not null,
  kept_at timestamp(6) with time zone not null
);
create index if not exists kept_mail_by_age on kept_mail (kept_at);

create table if not exists kept_mail_message (
  spool_id varchar(128) not null references kept_mail (spool_id) on delete cascade,
  conversation varchar(32) not null,
  message_id varchar(64) not null,
  asked_at timestamp(6) with time zone,
  primary key (spool_id, conversation, message_id)
);
create index if not exists kept_mail_message_by_id on kept_mail_message (conversation, message_id);
