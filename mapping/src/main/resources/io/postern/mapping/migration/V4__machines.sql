-- What keeps machines from answering each other without end, and what is told once only.

-- How fast the peer of a conversation answers a person: spec/content-types.md §10.12, last row.
create table if not exists thread_pace (
  conversation varchar(32) not null,
  recipient varchar(1024) not null,
  answered varchar(64) not null,
  quick_run int not null,
  day_begun_at timestamp(6) with time zone not null,
  day_turns int not null,
  holds int not null,
  held_until timestamp(6) with time zone not null,
  primary key (conversation, recipient)
);
create index if not exists thread_pace_by_hold on thread_pace (held_until);

-- When a person's autoresponder was last shown to a peer.
create table if not exists automatic_reply (
  person varchar(1024) not null,
  peer_inbox varchar(64) not null,
  shown_at timestamp(6) with time zone not null,
  primary key (person, peer_inbox)
);
create index if not exists automatic_reply_by_age on automatic_reply (shown_at);

-- When somebody was told that a mail or a message has not arrived yet: once for each recipient.
alter table journey_recipient add column if not exists delay_told_at timestamp(6) with time zone;

-- Whose mail program shows reactions: it has sent one itself (RFC 9078), or is a chat client.
create table if not exists reaction_reader (
  person varchar(1024) primary key,
  since timestamp(6) with time zone not null
);
