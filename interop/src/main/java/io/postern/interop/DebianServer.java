package io.postern.interop;

import java.io.IOException;

/** A server of Debian's that runs on the loopback until it is closed. */
public interface DebianServer extends AutoCloseable {
  /** The end of what it has logged so far. */
  String log() throws IOException;

  /** Ends it with all its children, and removes what it wrote. */
  @Override
  void close() throws IOException;
}
