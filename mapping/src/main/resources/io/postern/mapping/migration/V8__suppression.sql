-- Who is mailed no more, to whom a request was mailed, and what a peer was told of either.
-- A peer_inbox of '' stands for every peer.
create table if not exists suppression (
  mailbox varchar(1024) not null,
  peer_inbox varchar(64) not null,
  reason varchar(16) not null,
  detail varchar not null,
  since timestamp(6) with time zone not null,
  primary key (mailbox, peer_inbox, reason)
);

-- Mailboxes from which mail has come by somebody who may speak for them, and how often in a row
-- since then they did not exist.
create table if not exists heard_mailbox (
  mailbox varchar(1024) primary key,
  failures int not null,
  failing_since timestamp(6) with time zone
);
insert into heard_mailbox (mailbox, failures)
  select person, 0 from thread_link where direction = 'MAIL_TO_XMTP'
  and person not in (select mailbox from heard_mailbox) group by person;

create table if not exists invitation (
  mailbox varchar(1024) not null,
  peer_inbox varchar(64) not null,
  token varchar(32) not null unique,
  invited_at timestamp(6) with time zone not null,
  primary key (mailbox, peer_inbox)
);
create index if not exists invitation_by_age on invitation (invited_at);

create table if not exists told_peer (
  mailbox varchar(1024) not null,
  peer_inbox varchar(64) not null,
  matter varchar(16) not null,
  told_at timestamp(6) with time zone not null,
  primary key (mailbox, peer_inbox, matter)
);
create index if not exists told_peer_by_age on told_peer (told_at);
