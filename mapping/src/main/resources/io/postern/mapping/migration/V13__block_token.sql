-- By which a person blocks a peer, and lets them be heard again: one for each pair, whether the peer
-- asked or was written to.
create table block_token (
  mailbox varchar(1024) not null,
  peer_inbox varchar(64) not null,
  token varchar(32) not null unique,
  primary key (mailbox, peer_inbox)
);
insert into block_token (mailbox, peer_inbox, token)
  select mailbox, peer_inbox, token from invitation;
alter table invitation drop column token;
