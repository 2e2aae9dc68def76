-- The DKIM signatures by which mail that nothing else vouches for has come, one row for each
-- recipient: the same signature under another mail is a mail sent again by a stranger.
create table if not exists seen_signature (
  signature_key varchar(64) not null,
  recipient varchar(1024) not null,
  mail_key varchar(80) not null,
  seen_at timestamp(6) with time zone not null,
  primary key (signature_key, recipient)
);
create index if not exists seen_signature_by_age on seen_signature (seen_at);
