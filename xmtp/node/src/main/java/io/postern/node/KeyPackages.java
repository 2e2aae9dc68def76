package io.postern.node;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;

/** The newest key package of each installation. Safe for use by several threads. */
final class KeyPackages {
  private static final int PRUNED_AT_ONCE = 500;

  private final NodeDatabase database;

  KeyPackages(NodeDatabase database) {
    this.database = database;
  }

  /** Replaces the installation's package. */
  CompletableFuture<Void> put(ByteString installationKey, ByteString keyPackage) {
    return database.write(
        keyPackage.size(),
        transaction -> {
          var key = installationKey.toByteArray();
          if (isStored(transaction.handle(), key)) {
            transaction.make(Change.KEY_PACKAGE_REPLACED, keyPackage.toByteArray(), key);
          } else {
            transaction.make(
                Change.KEY_PACKAGE_FIRST,
                key,
                keyPackage.toByteArray(),
                database.sequences().nextTimeNs());
          }
          return null;
        });
  }

  private static boolean isStored(Handle handle, byte[] key) {
    return handle
        .createQuery("SELECT 1 FROM key_package WHERE installation_key = ?")
        .bind(0, key)
        .mapTo(Integer.class)
        .findFirst()
        .isPresent();
  }

  /**
   * Deletes packages of installations that put their first before a time, in Unix nanoseconds.
   * Blocks until that is durable.
   *
   * @return whether there may be more
   */
  boolean prune(long beforeNs) {
    var old =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            "SELECT installation_key FROM key_package WHERE first_put_ns < ?"
                                + " FETCH FIRST ? ROWS ONLY")
                        .bind(0, beforeNs)
                        .bind(1, PRUNED_AT_ONCE)
                        .mapTo(byte[].class)
                        .list());
    if (!old.isEmpty()) {
      database
          .write(
              0,
              transaction -> {
                old.forEach(key -> transaction.make(Change.KEY_PACKAGE_PRUNED, key, beforeNs));
                return null;
              })
          .join();
    }
    return old.size() == PRUNED_AT_ONCE;
  }

  /**
   * One package per key, in the order asked, empty where there is none. A key asked for twice gets
   * its package at its last place only, as on the network.
   */
  List<ByteString> fetch(List<ByteString> installationKeys) {
    var place = new HashMap<ByteString, Integer>();
    for (var i = 0; i < installationKeys.size(); i++) {
      place.put(installationKeys.get(i), i);
    }
    var found = new ArrayList<ByteString>(installationKeys.size());
    installationKeys.forEach(key -> found.add(ByteString.EMPTY));
    Object[] keys = place.keySet().stream().map(ByteString::toByteArray).toArray();
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT p.installation_key, p.key_package FROM UNNEST(CAST(? AS VARBINARY"
                            + " ARRAY)) AS t(k) JOIN key_package p ON p.installation_key = t.k")
                    .bind(0, (position, statement, context) -> statement.setObject(position, keys))
                    .map(
                        (row, context) ->
                            List.of(
                                ByteString.copyFrom(row.getBytes(1)),
                                ByteString.copyFrom(row.getBytes(2))))
                    .forEach(row -> found.set(place.get(row.get(0)), row.get(1))));
    return found;
  }
}
