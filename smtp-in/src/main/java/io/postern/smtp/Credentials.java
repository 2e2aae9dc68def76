package io.postern.smtp;

import java.util.Arrays;

/**
 * What a client says to log in. Never printed, erased when closed.
 *
 * @param name UTF-8 decoded; a password by mistake, now and then
 * @param password its octets
 */
record Credentials(String name, byte[] password) implements AutoCloseable {
  @Override
  public void close() {
    Arrays.fill(password, (byte) 0);
  }

  @Override
  public String toString() {
    return "Credentials[password of " + password.length + " octets]";
  }
}
