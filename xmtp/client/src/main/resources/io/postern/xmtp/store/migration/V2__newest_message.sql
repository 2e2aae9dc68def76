-- The newest message of a group is the last entry of its index, without sorting.
drop index message_group;
create index message_group on message (installation_id, group_id, sent_at_ns, sequence_id);
