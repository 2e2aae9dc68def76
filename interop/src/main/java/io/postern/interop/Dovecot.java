package io.postern.interop;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;

/** Dovecot with one mailbox, of {@link #USER}, which holds little. */
public final class Dovecot implements DebianServer {
  public static final String USER = "bob";
  public static final String PASSWORD = "correct horse";

  /** What the mailbox holds. */
  public static final int QUOTA_KILOBYTES = 100;

  private final RunningServer running;
  private final int port;
  private final int tlsPort;

  private Dovecot(RunningServer running, int port, int tlsPort) {
    this.running = running;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  /**
   * @param authority whose certificate it shows
   */
  public static Dovecot start(TestAuthority authority)
      throws GeneralSecurityException, IOException {
    var root = DebianRoot.require();
    var folder = root.newFolder("dovecot");
    int port = Servers.freePort();
    int tlsPort = Servers.freePort();
    folder.makeFolder("run", "root", "rwxr-xr-x");
    folder.makeFolder("state", "root", "rwxr-xr-x");
    folder.makeFolder("mail", "mail", "rwx------");
    var tls = authority.forLocalhost();
    folder.copy(tls.certificate(), "server.pem");
    folder.copy(tls.key(), "server.key");
    folder.write("users", USER + ":{PLAIN}" + PASSWORD + "\n");
    folder.write(
        "dovecot.conf",
        CONFIGURATION
            .replace("HERE", folder.seen())
            .replace("TLS_PORT", "" + tlsPort)
            .replace("PORT", "" + port)
            .replace("QUOTA", "" + QUOTA_KILOBYTES));
    var command = List.of("/usr/sbin/dovecot", "-F", "-c", folder.seen("dovecot.conf"));
    return new Dovecot(
        RunningServer.start(root, folder, List.of(port, tlsPort), command), port, tlsPort);
  }

  private static final String CONFIGURATION =
      """
      base_dir = HERE/run
      state_dir = HERE/state
      log_path = /dev/stderr
      protocols = imap
      listen = 127.0.0.1
      ssl = required
      ssl_cert = <HERE/server.pem
      ssl_key = <HERE/server.key
      auth_mechanisms = plain
      # Else a wrong password is answered after two seconds.
      auth_failure_delay = 0
      mail_location = maildir:HERE/mail/%u
      first_valid_uid = 1
      first_valid_gid = 1
      passdb {
        driver = passwd-file
        args = HERE/users
      }
      userdb {
        driver = static
        args = uid=mail gid=mail home=HERE/mail/%u
      }
      plugin {
        quota = maildir:User quota
        quota_rule = *:storage=QUOTAK
        quota_grace = 0
      }
      protocol imap {
        mail_plugins = quota imap_quota
      }
      service imap-login {
        chroot =
        inet_listener imap {
          port = PORT
        }
        inet_listener imaps {
          port = TLS_PORT
          ssl = yes
        }
      }
      service anvil {
        chroot =
      }
      """;

  /** Where a session begins in the clear and must say STARTTLS. */
  public int port() {
    return port;
  }

  /** Where it begins with TLS. */
  public int tlsPort() {
    return tlsPort;
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
