package io.postern.xmtp.store;

import io.postern.xmtp.store.GroupStore.Key;
import java.util.Arrays;
import org.jdbi.v3.core.Handle;

/**
 * A table of sealed octets of groups, cut into parts of which each fits into a column. What is
 * short, as nearly all of it, is one row, and replacing it is one statement.
 */
final class SealedParts {
  /** Half of what H2 takes in a column. */
  static final int PART = 512 * 1024;

  private final Vault vault;
  private final String table;
  private final String place;

  /**
   * @param place what the octets are, for the vault
   */
  SealedParts(Vault vault, String table, String place) {
    this.vault = vault;
    this.table = table;
    this.place = place;
  }

  /** The opened octets of a group that is there. */
  byte[] read(Handle handle, Key key) {
    var parts =
        handle
            .createQuery(
                "select sealed from "
                    + table
                    + " where installation_id = ? and group_id = ? order by part")
            .bind(0, key.installation().octets())
            .bind(1, key.group().octets())
            .map((row, context) -> row.getBytes(1))
            .list();
    var sealed = new byte[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (var part : parts) {
      System.arraycopy(part, 0, sealed, at, part.length);
      at += part.length;
    }
    return vault.open(place, sealed);
  }

  /** Puts octets in the place of those that are there, if any. They are wiped. */
  void replace(Handle handle, Key key, byte[] plain) {
    byte[] sealed;
    try {
      sealed = vault.seal(place, plain);
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
    int parts = (sealed.length + PART - 1) / PART;
    if (parts > 1 || !update(handle, key, sealed)) {
      delete(handle, key);
      for (int part = 0; part < parts; part++) {
        int end = Math.min(sealed.length, (part + 1) * PART);
        insert(handle, key, part, parts, Arrays.copyOfRange(sealed, part * PART, end));
      }
    }
  }

  /** Whether the octets were one row before. */
  private boolean update(Handle handle, Key key, byte[] sealed) {
    return handle
            .createUpdate(
                "update "
                    + table
                    + " set sealed = ?"
                    + " where installation_id = ? and group_id = ? and part = 0 and parts = 1")
            .bind(0, sealed)
            .bind(1, key.installation().octets())
            .bind(2, key.group().octets())
            .execute()
        > 0;
  }

  private void insert(Handle handle, Key key, int part, int parts, byte[] sealed) {
    handle
        .createUpdate(
            "insert into "
                + table
                + " (installation_id, group_id, part, parts, sealed) values (?, ?, ?, ?, ?)")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .bind(2, part)
        .bind(3, parts)
        .bind(4, sealed)
        .execute();
  }

  private void delete(Handle handle, Key key) {
    handle
        .createUpdate("delete from " + table + " where installation_id = ? and group_id = ?")
        .bind(0, key.installation().octets())
        .bind(1, key.group().octets())
        .execute();
  }
}
