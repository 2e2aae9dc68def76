-- Accepted mail where several instances reach it: used on PostgreSQL only, empty on H2.
create table if not exists spool_mail (
  id varchar(26) primary key,
  spool varchar(16) not null,
  place varchar(16) not null,
  -- The life of the daemon that delivers it; 0 while nobody does.
  carrier bigint not null,
  -- Of all its parts; what is known about the mail comes behind them.
  content_octets bigint not null,
  trailer ${octets} not null,
  attempts int not null,
  state_at timestamp(6) with time zone not null,
  status varchar(64) not null,
  reason varchar(2000) not null,
  revived_at timestamp(6) with time zone
);
create index if not exists spool_mail_by_place on spool_mail (spool, place, carrier);

-- Each but the last of a mail has the same length.
create table if not exists spool_part (
  mail_id varchar(26) not null references spool_mail (id) on delete cascade,
  part int not null,
  octets ${octets} not null,
  primary key (mail_id, part)
);
