package io.postern.bridge;

import io.postern.config.NetworkSettings;
import java.net.URI;

/** Where each public network is. Network document, section 16. */
final class Networks {
  private static final URI DEV = URI.create("https://grpc.dev.xmtp.network:443");
  private static final URI PRODUCTION = URI.create("https://grpc.production.xmtp.network:443");

  private Networks() {}

  /**
   * @throws IllegalArgumentException for the local network, whose port is known when it serves
   */
  static URI url(NetworkSettings network) {
    if (network instanceof NetworkSettings.At at) {
      return at.url();
    }
    if (network instanceof NetworkSettings.Dev) {
      return DEV;
    }
    if (network instanceof NetworkSettings.Production) {
      return PRODUCTION;
    }
    throw new IllegalArgumentException("the local network has no address of its own");
  }

  /** What people call it. */
  static String name(NetworkSettings network) {
    if (network instanceof NetworkSettings.At at) {
      return at.url().toString();
    }
    if (network instanceof NetworkSettings.Dev) {
      return "dev";
    }
    return network instanceof NetworkSettings.Production ? "production" : "local";
  }
}
