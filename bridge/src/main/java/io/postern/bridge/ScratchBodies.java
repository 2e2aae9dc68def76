package io.postern.bridge;

import io.postern.mail.Body;
import io.postern.mail.BodyStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Bodies of one mail that is read for an answer, in a place that is opened when the first is read.
 * Trouble with that place is ours and says nothing about the mail: it is thrown unchecked, past
 * whoever knows what to answer if the mail cannot be read. For one thread.
 */
final class ScratchBodies implements BodyStore, AutoCloseable {
  /** Where there may be a place. */
  interface Scratch {
    /**
     * @param octets the bodies have no more together
     * @throws IOException if there is no room for them
     */
    CarriedBodies open(long octets) throws IOException;
  }

  private final Scratch scratch;
  private final long octets;
  private Optional<CarriedBodies> bodies = Optional.empty();

  /**
   * @param octets its bodies have no more together
   */
  ScratchBodies(Scratch scratch, long octets) {
    this.scratch = scratch;
    this.octets = octets;
  }

  @Override
  public Taking begin() {
    var taking = bodies().begin();
    return new Taking() {
      @Override
      public boolean write(byte[] octets, int offset, int length) {
        try {
          return taking.write(octets, offset, length);
        } catch (IOException full) {
          throw new UncheckedIOException(full);
        }
      }

      @Override
      public Body end() {
        try {
          return taking.end();
        } catch (IOException full) {
          throw new UncheckedIOException(full);
        }
      }
    };
  }

  private CarriedBodies bodies() {
    try {
      if (bodies.isEmpty()) {
        bodies = Optional.of(scratch.open(octets));
      }
      return bodies.get();
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
  }

  @Override
  public void close() {
    bodies.ifPresent(CarriedBodies::close);
  }
}
