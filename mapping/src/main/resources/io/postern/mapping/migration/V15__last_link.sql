-- The last mail of a conversation is the last entry of its index, without sorting.
drop index thread_link_by_conversation;
create index thread_link_by_conversation on thread_link (conversation, person, linked_at, link_id);
