package io.postern.xmtp.network;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the V3 service is and how we present ourselves.
 *
 * @param url {@code http://host:port} in clear, {@code https://host:port} by TLS
 * @param trustedCertificates PEM file of certificates to trust instead of the system's, for a
 *     private network
 * @param callTimeout the longest that one unary call may take
 */
public record V3Settings(URI url, Optional<Path> trustedCertificates, Duration callTimeout) {
  /**
   * The version of libxmtp whose protocol we speak; the service turns away versions below 1.1.5.
   */
  public static final String LIBXMTP_VERSION = "1.11.0";

  /** What we call ourselves to the service's metrics. */
  public static final String APP_VERSION = "postern/0.1.0";

  public V3Settings {
    var scheme = url.getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme) && !"grpcs".equals(scheme)) {
      throw new IllegalArgumentException(
          "network url is " + url + "; write http://host:port or https://host:port");
    }
    if (url.getHost() == null) {
      throw new IllegalArgumentException("network url " + url + " names no host");
    }
  }

  /** The service at this address, with the system's trust and a timeout of 30 seconds. */
  public static V3Settings at(URI url) {
    return new V3Settings(url, Optional.empty(), Duration.ofSeconds(30));
  }

  /** Whether the connection is encrypted. */
  public boolean tls() {
    return !"http".equals(url.getScheme());
  }

  /** The port, by default that of the scheme. */
  public int port() {
    return url.getPort() > 0 ? url.getPort() : tls() ? 443 : 80;
  }
}
