package io.postern.config;

import io.postern.smtp.SmtpSettings;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * One of the places where the daemon listens, for the rules that hold for all of them.
 *
 * @param key of the setting
 * @param line on which it stands; 0 if it is a default
 */
record Listener(String key, int line, InetSocketAddress address) {
  /** SMTP, the node and the status page, in this order. */
  static List<Listener> of(Section file, Config config) {
    return List.of(
        new Listener("smtp.listen", file.line("smtp", "listen"), address(config.smtp())),
        new Listener("node.listen", file.line("node", "listen"), config.node().listen()),
        new Listener("web.listen", file.line("web", "listen"), config.web().listen()));
  }

  boolean isLoopback() {
    return address.getAddress().isLoopbackAddress();
  }

  private static InetSocketAddress address(SmtpSettings smtp) {
    // An IP address by the form of the setting: nothing is looked up.
    return new InetSocketAddress(smtp.host(), smtp.port());
  }
}
