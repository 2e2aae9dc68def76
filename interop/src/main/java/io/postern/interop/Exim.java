package io.postern.interop;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.Collectors;

/** Exim, which tries again every second what was put off. */
public final class Exim implements MailServer {
  private static final String USER = "Debian-exim";

  private final RunningServer running;
  private final ServerFolder folder;
  private final int port;

  private Exim(RunningServer running, ServerFolder folder, int port) {
    this.running = running;
    this.folder = folder;
    this.port = port;
  }

  /**
   * @param authority whom it believes, and whose certificate it shows
   */
  public static Exim start(TestAuthority authority, List<Relay> relays)
      throws GeneralSecurityException, IOException {
    var root = DebianRoot.require();
    var folder = root.newFolder("exim");
    int port = Servers.freePort();
    folder.give("", USER, "rwxr-xr-x");
    folder.makeFolder("spool", USER, "rwx------");
    folder.makeFolder("mail", USER, "rwx------");
    folder.copy(authority.certificate(), "authority.pem");
    var tls = authority.forLocalhost();
    folder.copy(tls.certificate(), "server.pem");
    folder.copy(tls.key(), "server.key");
    folder.write("exim.conf", configuration(folder.seen(), port, relays));
    var command = List.of("/usr/sbin/exim4", "-C", folder.seen("exim.conf"), "-bdf", "-q1s");
    return new Exim(RunningServer.start(root, folder, List.of(port), command), folder, port);
  }

  private static String configuration(String here, int port, List<Relay> relays) {
    return """
    primary_hostname = mx.example.org
    spool_directory = HERE/spool
    log_file_path = HERE/%slog
    log_selector = +tls_certificate_verified
    exim_user = USER
    exim_group = USER
    never_users =
    keep_environment =
    local_interfaces = 127.0.0.1
    daemon_smtp_ports = PORT
    host_lookup =
    smtputf8_advertise_hosts = *
    tls_advertise_hosts = *
    tls_certificate = HERE/server.pem
    tls_privatekey = HERE/server.key
    acl_smtp_rcpt = accept
    acl_smtp_data = accept

    begin routers
    ROUTERS
    here:
      driver = accept
      domains = DOMAIN
      local_parts = bob : jürgen
      transport = maildir
    unknown:
      driver = redirect
      allow_fail
      data = :fail: no such user here

    begin transports
    TRANSPORTS
    maildir:
      driver = appendfile
      maildir_format
      directory = HERE/mail/${if eq{$local_part_data}{bob}{bob}{juergen}}
      create_directory

    begin retry
    * * F,1h,1s

    begin rewrite

    begin authenticators
    """
        .replace("ROUTERS", relays.stream().map(Exim::router).collect(Collectors.joining("\n")))
        .replace("TRANSPORTS", relays.stream().map(Exim::transport).collect(Collectors.joining()))
        .replace("HERE", here)
        .replace("USER", USER)
        .replace("PORT", "" + port)
        .replace("DOMAIN", DOMAIN);
  }

  private static String router(Relay relay) {
    return """
    to_%1$d:
      driver = manualroute
      domains = %2$s
      route_list = * localhost byname
      self = send
      transport = to_%1$d
    """
        .formatted(relay.port(), relay.domain());
  }

  private static String transport(Relay relay) {
    return """
    to_%1$d:
      driver = smtp
      port = %1$d
      hosts_require_tls = *
      tls_verify_certificates = HERE/authority.pem
      tls_verify_hosts = *
      tls_verify_cert_hostnames = *
    """
        .formatted(relay.port());
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public List<byte[]> mails(User user) throws IOException {
    return Maildir.mails(folder.file("mail").resolve(user.folder()));
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
