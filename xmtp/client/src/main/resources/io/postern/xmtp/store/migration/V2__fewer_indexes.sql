-- No statement reads by these, and every message paid for them.
drop index intent_state;
drop index intent_payload_intent;
drop index message_sequence;
