-- A conversation asks for a mail once until it is given. What was asked for earlier stands.
delete from asked_mail a where exists (
  select 1 from asked_mail b where b.conversation = a.conversation and b.spool_id = a.spool_id
  and (b.asked_at < a.asked_at or b.asked_at = a.asked_at
    and (b.installation_id < a.installation_id
      or b.installation_id = a.installation_id and b.message_id < a.message_id))
);
create unique index if not exists asked_mail_once on asked_mail (conversation, spool_id);
