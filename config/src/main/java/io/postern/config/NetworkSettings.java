package io.postern.config;

import java.net.URI;

/** Which XMTP network the inboxes live on: the setting {@code network}. design.md §3. */
public sealed interface NetworkSettings {
  /** The embedded node: nothing leaves this machine. */
  record Local() implements NetworkSettings {}

  /** The public test network. */
  record Dev() implements NetworkSettings {}

  /** The public network. */
  record Production() implements NetworkSettings {}

  /**
   * A node of one's own choice.
   *
   * @param url {@code https://host:port}, or {@code http://host:port} without TLS
   */
  record At(URI url) implements NetworkSettings {}
}
