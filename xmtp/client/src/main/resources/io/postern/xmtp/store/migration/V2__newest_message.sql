-- The newest message of a group is the last entry of its index, without sorting.
drop index if exists message_group;
create index if not exists message_group on message (installation_id, group_id, sent_at_ns, sequence_id);
