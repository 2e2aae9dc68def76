package io.postern.bridge.web;

import java.util.Map;

/**
 * Bounds that the JDK's HTTP server takes only from system properties, read once, when the first
 * server of the process is made. What somebody set on the command line stays.
 */
final class HttpLimits {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          // Seconds for a whole request to arrive. A request that drips holds a worker meanwhile.
          "sun.net.httpserver.maxReqTime", "10",
          // Seconds from then on; an answer that SMTP takes its time with is within it.
          "sun.net.httpserver.maxRspTime", "120",
          "sun.net.httpserver.idleInterval", "10",
          "sun.net.httpserver.maxIdleConnections", "32",
          "jdk.httpserver.maxConnections", "64",
          "sun.net.httpserver.maxReqHeaders", "64",
          // Else small answers wait for the acknowledgement of their header.
          "sun.net.httpserver.nodelay", "true");

  private HttpLimits() {}

  static void set() {
    DEFAULTS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }
}
