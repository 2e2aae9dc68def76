package io.postern.xmtp.store;

import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.HandleConsumer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.config.JdbiConfig;

/**
 * Says of a transaction that its end need not wait for the disk: nobody outside has seen anything
 * of it, and whoever acts on it ends a transaction first that does wait. A crash may take it back,
 * never without all that came after it; the order of transactions stands. Readers see it at once.
 *
 * <p>What it is good for is to whoever opened the database: it may wait all the same.
 */
public final class SavedLater implements JdbiConfig<SavedLater> {
  private boolean later;

  /** Of a transaction that waits for the disk, as they do if nothing is said. */
  public SavedLater() {}

  private SavedLater(boolean later) {
    this.later = later;
  }

  /** One transaction of this kind. */
  public static <T, X extends Exception> T inTransaction(Jdbi jdbi, HandleCallback<T, X> work)
      throws X {
    return jdbi.withHandle(
        handle -> {
          handle.getConfig(SavedLater.class).later = true;
          return handle.inTransaction(work);
        });
  }

  /** The same, without a result. */
  public static <X extends Exception> void useTransaction(Jdbi jdbi, HandleConsumer<X> work)
      throws X {
    inTransaction(jdbi, work.asCallback());
  }

  /** Whether a handle's transaction is of this kind. */
  public static boolean is(Handle handle) {
    return handle.getConfig(SavedLater.class).later;
  }

  @Override
  public SavedLater createCopy() {
    return new SavedLater(later);
  }
}
