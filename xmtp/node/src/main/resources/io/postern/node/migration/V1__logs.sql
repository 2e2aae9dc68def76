-- A message of ordinary size lies in its row.
SET MAX_LENGTH_INPLACE_LOB 65536;

-- The number of the last transaction that is in this file; those above it are taken from the journal at the next start.
CREATE TABLE IF NOT EXISTS journal (applied BIGINT NOT NULL);
INSERT INTO journal (applied) SELECT 0 WHERE NOT EXISTS (SELECT applied FROM journal);

-- The logs. Their rows are also the counters: the next id is one above the highest, so none may be deleted from the end.
-- `message` is the protobuf message as it is served, with its id and time; `digest` recognises what is sent twice.
CREATE TABLE IF NOT EXISTS group_log (
  id BIGINT PRIMARY KEY,
  topic VARBINARY(255) NOT NULL,
  digest BINARY(32) NOT NULL,
  created_ns BIGINT NOT NULL,
  is_commit BOOLEAN NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS group_log_topic ON group_log (topic, id);
CREATE UNIQUE INDEX IF NOT EXISTS group_log_once ON group_log (topic, digest);

CREATE TABLE IF NOT EXISTS welcome_log (
  id BIGINT PRIMARY KEY,
  topic VARBINARY(255) NOT NULL,
  digest BINARY(32) NOT NULL,
  created_ns BIGINT NOT NULL,
  is_commit BOOLEAN NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS welcome_log_topic ON welcome_log (topic, id);
CREATE UNIQUE INDEX IF NOT EXISTS welcome_log_once ON welcome_log (topic, digest);

-- The commit log keeps duplicates.
CREATE TABLE IF NOT EXISTS commit_log (
  id BIGINT PRIMARY KEY,
  topic VARBINARY(255) NOT NULL,
  created_ns BIGINT NOT NULL,
  is_commit BOOLEAN NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS commit_log_topic ON commit_log (topic, id);

-- The newest key package of each installation.
CREATE TABLE IF NOT EXISTS key_package (
  installation_key VARBINARY(255) PRIMARY KEY,
  key_package BLOB NOT NULL
);

-- Identity updates in the order in which they were accepted.
CREATE TABLE IF NOT EXISTS inbox_log (
  sequence_id BIGINT PRIMARY KEY,
  inbox_id VARCHAR(64) NOT NULL,
  server_timestamp_ns BIGINT NOT NULL,
  identity_update BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_log_inbox ON inbox_log (inbox_id, sequence_id);

-- Which inbox an address belongs to: the newest association that is not revoked.
CREATE TABLE IF NOT EXISTS address_log (
  address VARCHAR(512) NOT NULL,
  inbox_id VARCHAR(64) NOT NULL,
  association_sequence_id BIGINT NOT NULL,
  revocation_sequence_id BIGINT
);
CREATE INDEX IF NOT EXISTS address_log_address ON address_log (address, association_sequence_id);
