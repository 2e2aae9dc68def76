-- A message changes the ratchet only, and that alone is rewritten: state has tables of its own. What is longer than
-- a column takes lies in parts. The version rises with each change; whoever changes an older one is refused.
create table if not exists mls_epoch (
  installation_id   bytea        not null,
  group_id          bytea        not null,
  part              integer      not null,
  parts             integer      not null,
  sealed            bytea        not null,
  primary key (installation_id, group_id, part)
);
create table if not exists mls_ratchet (
  installation_id   bytea        not null,
  group_id          bytea        not null,
  part              integer      not null,
  parts             integer      not null,
  sealed            bytea        not null,
  primary key (installation_id, group_id, part)
);
-- H2 commits with each statement above: killed in between, all this is done again. V5 drops what is copied here.
delete from mls_epoch;
delete from mls_ratchet;
insert into mls_epoch (installation_id, group_id, part, parts, sealed)
  select installation_id, group_id, 0, 1, epoch_sealed from mls_group;
insert into mls_ratchet (installation_id, group_id, part, parts, sealed)
  select installation_id, group_id, 0, 1, ratchet_sealed from mls_group;
alter table mls_group add column if not exists version bigint default 1 not null;

-- Asked every few seconds.
create index if not exists hosted_inbox_rotation on hosted_inbox (rotate_at_ns);
create index if not exists pointer_retry_next on pointer_retry (next_try_ns);
