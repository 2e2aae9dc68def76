-- By which a person blocks a peer, and lets them be heard again: one for each pair, whether the peer
-- asked or was written to.
create table if not exists block_token (
  mailbox varchar(1024) not null,
  peer_inbox varchar(64) not null,
  token varchar(32) not null unique,
  primary key (mailbox, peer_inbox)
);
-- Where a start was killed after the last line, the column is gone: what was in it stands in the new table.
alter table invitation add column if not exists token varchar(32);
insert into block_token (mailbox, peer_inbox, token)
  select mailbox, peer_inbox, token from invitation where token is not null
  and token not in (select token from block_token);
alter table invitation drop column token;
