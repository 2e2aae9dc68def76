-- Small pictures that mails of a person have shown to a peer, and by which mail each came first.
create table if not exists seen_picture (
  person varchar(1024) not null,
  peer_inbox varchar(64) not null,
  picture varchar(64) not null,
  mail_key varchar(70) not null,
  seen_at timestamp(6) with time zone not null,
  primary key (person, peer_inbox, picture)
);
create index if not exists seen_picture_by_age on seen_picture (seen_at);
