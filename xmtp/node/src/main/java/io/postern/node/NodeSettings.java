package io.postern.node;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the local node listens and keeps its data.
 *
 * @param listen address and port of the gRPC server; port 0 takes a free one, see {@link
 *     LocalNode#port()}
 * @param data folder of the database; made if absent, used by one node at a time
 * @param tls certificate and key to serve with, or empty for cleartext HTTP/2
 * @param rateLimits the network's limits per client address, or empty for none
 * @param retention after what time things are deleted, or empty for never
 */
public record NodeSettings(
    InetSocketAddress listen,
    Path data,
    Optional<Tls> tls,
    Optional<RateLimits> rateLimits,
    Optional<Retention> retention) {
  public NodeSettings {
    Objects.requireNonNull(listen, "listen");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(tls, "tls");
    Objects.requireNonNull(rateLimits, "rateLimits");
    Objects.requireNonNull(retention, "retention");
  }

  /** Cleartext, without limits, for ever: what tests and the local profile use. */
  public static NodeSettings of(InetSocketAddress listen, Path data) {
    return new NodeSettings(listen, data, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same but for the address. */
  public NodeSettings withListen(InetSocketAddress address) {
    return new NodeSettings(address, data, tls, rateLimits, retention);
  }

  /** The same but for how long things are kept. */
  public NodeSettings withRetention(Optional<Retention> kept) {
    return new NodeSettings(listen, data, tls, rateLimits, kept);
  }

  /**
   * @param certificate PEM file of the certificate chain, the server's own first
   * @param key PEM file of the PKCS #8 private key
   */
  public record Tls(Path certificate, Path key) {
    public Tls {
      Objects.requireNonNull(certificate, "certificate");
      Objects.requireNonNull(key, "key");
    }
  }
}
