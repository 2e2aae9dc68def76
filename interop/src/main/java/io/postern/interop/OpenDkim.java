package io.postern.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** OpenDKIM, which reads public keys from a file instead of the DNS. */
public final class OpenDkim {
  private static final String USER = "opendkim";
  private static final long PATIENCE_SECONDS = 60;

  private OpenDkim() {}

  /**
   * What it says of each signature of a mail, as in Authentication-Results: {@code dkim=pass …}.
   *
   * @param keys the TXT record of each key by its name: {@code sel._domainkey.example.org}
   */
  public static List<String> verify(byte[] mail, Map<String, String> keys)
      throws IOException, InterruptedException {
    var root = DebianRoot.require();
    var folder = root.newFolder("opendkim");
    try {
      Files.write(folder.file("mail"), mail);
      folder.write("keys", records(keys));
      folder.write(
          "opendkim.conf",
          """
          Mode v
          Syslog no
          UserID opendkim
          TestPublicKeys HERE/keys
          """
              .replace("HERE", folder.seen()));
      var output = folder.file("output");
      var process =
          root.start(
              output,
              List.of(
                  "/usr/sbin/opendkim",
                  "-x",
                  folder.seen("opendkim.conf"),
                  "-vv",
                  "-t",
                  folder.seen("mail")));
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().onExit().join();
        throw new IOException("opendkim does not end: " + Files.readString(output));
      }
      return Files.readAllLines(output).stream()
          .map(String::strip)
          .filter(line -> line.startsWith("dkim="))
          .toList();
    } finally {
      folder.delete();
    }
  }

  private static String records(Map<String, String> keys) {
    return keys.entrySet().stream()
        .map(key -> key.getKey() + " " + key.getValue() + "\n")
        .collect(Collectors.joining());
  }

  /**
   * Signs what a mail server shows it, as a milter.
   *
   * @param key PEM
   */
  public static Milter sign(String domain, String selector, Path key) throws IOException {
    var root = DebianRoot.require();
    var folder = root.newFolder("opendkim");
    int port = Servers.freePort();
    folder.copy(key, "key.pem");
    folder.give("key.pem", USER, "rw-------");
    folder.write(
        "opendkim.conf",
        """
        Mode s
        Syslog no
        UserID opendkim
        Socket inet:PORT@127.0.0.1
        Canonicalization relaxed/simple
        Domain DOMAIN
        Selector SELECTOR
        KeyFile HERE/key.pem
        OversignHeaders From
        """
            .replace("PORT", "" + port)
            .replace("DOMAIN", domain)
            .replace("SELECTOR", selector)
            .replace("HERE", folder.seen()));
    var command = List.of("/usr/sbin/opendkim", "-f", "-x", folder.seen("opendkim.conf"));
    return new Milter(RunningServer.start(root, folder, List.of(port), command), port);
  }

  /** A running signer. */
  public static final class Milter implements DebianServer {
    private final RunningServer running;
    private final int port;

    private Milter(RunningServer running, int port) {
      this.running = running;
      this.port = port;
    }

    public int port() {
      return port;
    }

    @Override
    public String log() throws IOException {
      return running.log();
    }

    @Override
    public void close() throws IOException {
      running.close();
    }
  }
}
