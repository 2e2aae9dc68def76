package io.postern.smtp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A client that says all it has and closes its side. */
final class Conversation extends Socket {
  private final InputStream said;
  private final OutputStream heard;

  Conversation(byte[] said, OutputStream heard) {
    this.said = new ByteArrayInputStream(said);
    this.heard = heard;
  }

  @Override
  public InputStream getInputStream() {
    return said;
  }

  @Override
  public OutputStream getOutputStream() {
    return heard;
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // There is no connection.
  }

  @Override
  public void setSoTimeout(int millis) {
    // What is said is there at once.
  }

  @Override
  public void shutdownOutput() throws IOException {
    heard.flush();
  }
}
