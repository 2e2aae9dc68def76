package io.postern.mail;

import java.io.IOException;

/**
 * Where the bodies of a mail go while it is read. They come one after the other, each to its end
 * before the next begins.
 */
public interface BodyStore {
  /** Begins a body. */
  Taking begin();

  /** One body while it is read. */
  interface Taking {
    /**
     * @return whether more is wanted; if not, the rest of the body is passed over
     * @throws IOException if there is no room: then nothing of the mail is read
     */
    boolean write(byte[] octets, int offset, int length) throws IOException;

    /** The body, to be read again for as long as the store says. */
    Body end() throws IOException;
  }
}
