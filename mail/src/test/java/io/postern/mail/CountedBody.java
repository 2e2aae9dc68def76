package io.postern.mail;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** A body of which is counted how many octets are read. */
record CountedBody(Body body, AtomicLong read) implements Body {
  @Override
  public int size() {
    return body.size();
  }

  @Override
  public InputStream open() throws IOException {
    return new FilterInputStream(body.open()) {
      @Override
      public int read() throws IOException {
        int octet = super.read();
        read.addAndGet(octet < 0 ? 0 : 1);
        return octet;
      }

      @Override
      public int read(byte[] octets, int offset, int length) throws IOException {
        int count = super.read(octets, offset, length);
        read.addAndGet(Math.max(count, 0));
        return count;
      }
    };
  }

  /** Holds all bodies, and counts what is read of them together. */
  static BodyStore store(AtomicLong read) {
    var held = new HeldBodies(Integer.MAX_VALUE);
    return () -> {
      var taking = held.begin();
      return new BodyStore.Taking() {
        @Override
        public boolean write(byte[] octets, int offset, int length) throws IOException {
          return taking.write(octets, offset, length);
        }

        @Override
        public Body end() throws IOException {
          return new CountedBody(taking.end(), read);
        }
      };
    };
  }
}
