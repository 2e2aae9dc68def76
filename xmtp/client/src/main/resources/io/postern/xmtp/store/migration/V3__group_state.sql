-- A message changes the ratchet only, and that alone is rewritten: state has tables of its own. What is longer than
-- a column takes lies in parts. The version rises with each change; whoever changes an older one is refused.
create table mls_epoch (
  installation_id   bytea        not null,
  group_id          bytea        not null,
  part              integer      not null,
  parts             integer      not null,
  sealed            bytea        not null,
  primary key (installation_id, group_id, part)
);
create table mls_ratchet (
  installation_id   bytea        not null,
  group_id          bytea        not null,
  part              integer      not null,
  parts             integer      not null,
  sealed            bytea        not null,
  primary key (installation_id, group_id, part)
);
insert into mls_epoch (installation_id, group_id, part, parts, sealed)
  select installation_id, group_id, 0, 1, epoch_sealed from mls_group;
insert into mls_ratchet (installation_id, group_id, part, parts, sealed)
  select installation_id, group_id, 0, 1, ratchet_sealed from mls_group;
alter table mls_group drop column epoch_sealed;
alter table mls_group drop column ratchet_sealed;
alter table mls_group add column version bigint default 1 not null;

-- Asked every few seconds.
create index hosted_inbox_rotation on hosted_inbox (rotate_at_ns);
create index pointer_retry_next on pointer_retry (next_try_ns);
