-- How much one peer makes leave, and how much of theirs waits.

-- Octets are counted, too, not only mails.
alter table quota_use alter column used set data type bigint;

-- What the message of a line takes, as long as its mail is not written.
alter table outbox_line add column if not exists octets bigint default 0 not null;
create index if not exists outbox_line_by_sender on outbox_line (sender_inbox, state);
create index if not exists outbox_bundle_by_sender on outbox_bundle (sender_inbox, state);
