-- Ids and times handed out so far. They never restart, even if rows are deleted one day.
CREATE TABLE sequence (
  name VARCHAR(16) PRIMARY KEY,
  last BIGINT NOT NULL
);

-- Three logs of one shape. `message` is the protobuf message as it is served, with its id and time.
-- `newest` has one row per topic, so that thousands of topics are compared with their cursors in one query.
CREATE TABLE group_log (
  id BIGINT PRIMARY KEY,
  topic VARBINARY(255) NOT NULL,
  digest BINARY(32),
  created_ns BIGINT NOT NULL,
  is_commit BOOLEAN NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX group_log_topic ON group_log (topic, id);
CREATE UNIQUE INDEX group_log_once ON group_log (digest, topic);
CREATE TABLE group_newest (topic VARBINARY(255) PRIMARY KEY, id BIGINT NOT NULL);

CREATE TABLE welcome_log (
  id BIGINT PRIMARY KEY,
  topic VARBINARY(255) NOT NULL,
  digest BINARY(32),
  created_ns BIGINT NOT NULL,
  is_commit BOOLEAN NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX welcome_log_topic ON welcome_log (topic, id);
CREATE UNIQUE INDEX welcome_log_once ON welcome_log (digest, topic);
CREATE TABLE welcome_newest (topic VARBINARY(255) PRIMARY KEY, id BIGINT NOT NULL);

-- The commit log takes duplicates: its digests are null.
CREATE TABLE commit_log (
  id BIGINT PRIMARY KEY,
  topic VARBINARY(255) NOT NULL,
  digest BINARY(32),
  created_ns BIGINT NOT NULL,
  is_commit BOOLEAN NOT NULL,
  message BLOB NOT NULL
);
CREATE INDEX commit_log_topic ON commit_log (topic, id);
CREATE UNIQUE INDEX commit_log_once ON commit_log (digest, topic);
CREATE TABLE commit_newest (topic VARBINARY(255) PRIMARY KEY, id BIGINT NOT NULL);

-- The newest key package of each installation.
CREATE TABLE key_package (
  installation_key VARBINARY(255) PRIMARY KEY,
  key_package BLOB NOT NULL
);

-- Identity updates in the order in which they were accepted.
CREATE TABLE inbox_log (
  sequence_id BIGINT PRIMARY KEY,
  inbox_id VARCHAR(64) NOT NULL,
  server_timestamp_ns BIGINT NOT NULL,
  identity_update BLOB NOT NULL
);
CREATE INDEX inbox_log_inbox ON inbox_log (inbox_id, sequence_id);

-- Which inbox an address belongs to: the newest association that is not revoked.
CREATE TABLE address_log (
  address VARCHAR(512) NOT NULL,
  inbox_id VARCHAR(64) NOT NULL,
  association_sequence_id BIGINT NOT NULL,
  revocation_sequence_id BIGINT
);
CREATE INDEX address_log_address ON address_log (address, association_sequence_id);
