-- Whose wallet the inbox has for which a mail is, where that has turned out: the instance that works for that
-- inbox takes it, and no other.
alter table spool_mail add column if not exists wallet_index bigint;

-- Into how many parts the hosted inboxes are divided; id is the number of a part, from 1.
alter table carrier add column if not exists parts int default 1 not null;
