package io.postern.config;

import java.net.InetSocketAddress;

/**
 * The status page: the setting {@code web}.
 *
 * @param listen on the loopback only, because the page has no login
 */
public record WebSettings(InetSocketAddress listen) {
  /**
   * @throws IllegalArgumentException if others than this machine could reach it
   */
  public WebSettings {
    if (listen.isUnresolved() || !listen.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "web.listen is reachable from other machines, but the status page has no login;"
              + " write 127.0.0.1:8025, and come in by an SSH tunnel");
    }
  }
}
