package io.postern.xmtp.store;

import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.WelcomeEnvelope;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Welcome pointers whose welcome was not visible yet when they came. */
public final class PointerStore {
  private final Lease lease;

  PointerStore(Lease lease) {
    this.lease = lease;
  }

  /**
   * A pointer to try again.
   *
   * @param attempts how often it has been tried
   * @param firstSeenNs when it came, Unix nanoseconds
   */
  public record Waiting(WelcomeEnvelope.Pointer pointer, int attempts, long firstSeenNs) {}

  public void put(Handle handle, Waiting waiting, long nextTryNs) {
    delete(handle, waiting.pointer());
    handle
        .createUpdate(
            "insert into pointer_retry (installation_id, sequence_id, created_ns, hpke_public_key,"
                + " wrapper_algorithm, pointer, attempts, first_seen_ns, next_try_ns)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(0, waiting.pointer().recipient().octets())
        .bind(1, waiting.pointer().position().sequence())
        .bind(2, waiting.pointer().createdNs())
        .bind(3, waiting.pointer().hpkePublicKey())
        .bind(4, waiting.pointer().wrapperAlgorithm())
        .bind(5, waiting.pointer().pointer())
        .bind(6, waiting.attempts())
        .bind(7, waiting.firstSeenNs())
        .bind(8, nextTryNs)
        .execute();
  }

  public void delete(Handle handle, WelcomeEnvelope.Pointer pointer) {
    handle
        .createUpdate("delete from pointer_retry where installation_id = ? and sequence_id = ?")
        .bind(0, pointer.recipient().octets())
        .bind(1, pointer.position().sequence())
        .execute();
  }

  /** The pointers of the lease whose next try is due. */
  public List<Waiting> due(Handle handle, long nowNs, int limit) {
    return handle
        .createQuery(
            "select * from pointer_retry where next_try_ns <= ?"
                + lease.andHas("installation_id")
                + " order by next_try_ns limit ?")
        .bind(0, nowNs)
        .bind(1, limit)
        .map(
            (row, context) ->
                new Waiting(
                    new WelcomeEnvelope.Pointer(
                        InstallationId.of(row.getBytes("installation_id")),
                        new Position(Cursor.WELCOMES, row.getLong("sequence_id")),
                        row.getLong("created_ns"),
                        row.getBytes("hpke_public_key"),
                        row.getInt("wrapper_algorithm"),
                        row.getBytes("pointer")),
                    row.getInt("attempts"),
                    row.getLong("first_seen_ns")))
        .list();
  }
}
