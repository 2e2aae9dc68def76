-- The last mail of a conversation is the last entry of its index, without sorting.
drop index if exists thread_link_by_conversation;
create index if not exists thread_link_by_conversation on thread_link (conversation, person, linked_at, link_id);
