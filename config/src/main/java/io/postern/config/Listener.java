package io.postern.config;

import io.postern.smtp.SmtpSettings;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the places where the daemon listens, for the rules that hold for all of them.
 *
 * @param key of the setting
 * @param line on which it stands; 0 if it is a default
 */
record Listener(String key, int line, InetSocketAddress address) {
  /** SMTP, the node, the status page, and where people submit mail. */
  static List<Listener> of(Section file, Config config) {
    var listeners = new ArrayList<Listener>();
    listeners.add(new Listener("smtp.listen", file.line("smtp", "listen"), address(config.smtp())));
    listeners.add(new Listener("node.listen", file.line("node", "listen"), config.node().listen()));
    listeners.add(new Listener("web.listen", file.line("web", "listen"), config.web().listen()));
    int line = file.line("smtp", "submission");
    config
        .smtp()
        .submission()
        .ifPresent(
            submission -> {
              submission
                  .starttls()
                  .ifPresent(
                      at -> listeners.add(new Listener("smtp.submission.starttls", line, at)));
              submission
                  .implicitTls()
                  .ifPresent(
                      at -> listeners.add(new Listener("smtp.submission.implicitTls", line, at)));
            });
    return listeners;
  }

  boolean isLoopback() {
    return address.getAddress().isLoopbackAddress();
  }

  private static InetSocketAddress address(SmtpSettings smtp) {
    // An IP address by the form of the setting: nothing is looked up.
    return new InetSocketAddress(smtp.host(), smtp.port());
  }
}
