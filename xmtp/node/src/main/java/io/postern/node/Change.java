package io.postern.node;

/**
 * Every way in which the node changes its database, by name: the {@link Journal} keeps names and
 * values, and replays them. A constant once released keeps its name and the order of its values.
 */
enum Change {
  GROUP_ENTRY(
      "INSERT INTO group_log (id, topic, digest, created_ns, is_commit, message) VALUES (?, ?, ?,"
          + " ?, ?, ?)"),
  WELCOME_ENTRY(
      "INSERT INTO welcome_log (id, topic, digest, created_ns, is_commit, message) VALUES (?, ?, ?,"
          + " ?, ?, ?)"),
  COMMIT_ENTRY(
      "INSERT INTO commit_log (id, topic, created_ns, is_commit, message) VALUES (?, ?, ?, ?, ?)"),
  GROUP_PRUNED(
      "DELETE FROM group_log WHERE id > ? AND id <= ? AND created_ns < ? AND is_commit = FALSE"),
  WELCOME_PRUNED(
      "DELETE FROM welcome_log WHERE id > ? AND id <= ? AND created_ns < ? AND is_commit = FALSE"),
  /** Of the first release, which did not note when. */
  KEY_PACKAGE(
      "MERGE INTO key_package (installation_key, key_package, first_put_ns) KEY (installation_key)"
          + " VALUES (?, ?, CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) AS BIGINT) * 1000000000)"),
  KEY_PACKAGE_FIRST(
      "INSERT INTO key_package (installation_key, key_package, first_put_ns) VALUES (?, ?, ?)"),
  KEY_PACKAGE_REPLACED("UPDATE key_package SET key_package = ? WHERE installation_key = ?"),
  KEY_PACKAGE_PRUNED("DELETE FROM key_package WHERE installation_key = ? AND first_put_ns < ?"),
  IDENTITY_UPDATE(
      "INSERT INTO inbox_log (sequence_id, inbox_id, server_timestamp_ns, identity_update) VALUES"
          + " (?, ?, ?, ?)"),
  ADDRESS_ADDED(
      "INSERT INTO address_log (address, inbox_id, association_sequence_id) VALUES (?, ?, ?)"),
  ADDRESS_REVOKED(
      "UPDATE address_log SET revocation_sequence_id = ? WHERE address = ? AND inbox_id = ? AND"
          + " association_sequence_id = ?");

  private final String sql;

  Change(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }
}
