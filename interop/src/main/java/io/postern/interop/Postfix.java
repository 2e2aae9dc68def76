package io.postern.interop;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Postfix, which tries again every second what was put off. */
public final class Postfix implements MailServer {
  private static final String MAIL_OWNER = "postfix";
  private static final String MAILBOX_OWNER = "mail";
  private static final List<String> QUEUES =
      List.of(
          "active",
          "bounce",
          "corrupt",
          "defer",
          "deferred",
          "flush",
          "hold",
          "incoming",
          "private",
          "saved",
          "trace");

  private final RunningServer running;
  private final ServerFolder folder;
  private final int port;

  private Postfix(RunningServer running, ServerFolder folder, int port) {
    this.running = running;
    this.folder = folder;
    this.port = port;
  }

  /**
   * @param authority whom it believes, and whose certificate it shows
   * @param more lines of {@code main.cf}, which win over those that stand here
   */
  public static Postfix start(TestAuthority authority, List<Relay> relays, String... more)
      throws GeneralSecurityException, IOException {
    var root = DebianRoot.require();
    var folder = root.newFolder("postfix");
    int port = Servers.freePort();
    makeFolders(folder);
    folder.copy(authority.certificate(), "authority.pem");
    var tls = authority.forLocalhost();
    folder.copy(tls.certificate(), "server.pem");
    folder.copy(tls.key(), "server.key");
    folder.write("conf/main.cf", mainCf(folder, relays) + String.join("\n", more) + "\n");
    folder.write("conf/master.cf", masterCf(port));
    var command = List.of("/usr/lib/postfix/sbin/master", "-c", folder.seen("conf"));
    return new Postfix(RunningServer.start(root, folder, List.of(port), command), folder, port);
  }

  private static void makeFolders(ServerFolder folder) throws IOException {
    folder.makeFolder("conf", "root", "rwxr-xr-x");
    folder.makeFolder("data", MAIL_OWNER, "rwx------");
    folder.makeFolder("mail", MAILBOX_OWNER, "rwx------");
    folder.makeFolder("queue", "root", "rwxr-xr-x");
    folder.makeFolder("queue/pid", "root", "rwxr-xr-x");
    for (var queue : QUEUES) {
      folder.makeFolder("queue/" + queue, MAIL_OWNER, "rwx------");
    }
    folder.makeFolder("queue/public", MAIL_OWNER, "rwx--x---");
    folder.giveGroup("queue/public", "postdrop");
    folder.makeFolder("queue/maildrop", MAIL_OWNER, "rwx-wx---");
    folder.giveGroup("queue/maildrop", "postdrop");
  }

  private static String mainCf(ServerFolder folder, List<Relay> relays) throws IOException {
    var transports =
        relays.stream()
            .map(relay -> "{ " + relay.domain() + " = smtp:[localhost]:" + relay.port() + " }")
            .collect(Collectors.joining(", "));
    // A table without an entry is an error to it.
    var table = transports.isEmpty() ? "" : "inline:{ " + transports + " }";
    return """
    compatibility_level = 3.6
    queue_directory = HERE/queue
    data_directory = HERE/data
    command_directory = /usr/sbin
    daemon_directory = /usr/lib/postfix/sbin
    shlib_directory = /usr/lib/postfix
    mail_owner = postfix
    setgid_group = postdrop
    maillog_file = HERE/mail.log
    maillog_file_prefixes = /srv
    myhostname = mx.example.org
    mydestination =
    alias_maps =
    local_recipient_maps =
    inet_protocols = ipv4
    mynetworks = 127.0.0.0/8
    smtpd_recipient_restrictions = permit_mynetworks, reject
    smtp_host_lookup = native
    disable_dns_lookups = yes
    message_size_limit = 52428800
    mailbox_size_limit = 0
    virtual_mailbox_limit = 0
    default_transport = error:no such place
    transport_maps = TRANSPORTS
    smtp_tls_security_level = secure
    smtp_tls_secure_cert_match = hostname
    smtp_tls_CAfile = HERE/authority.pem
    smtp_tls_loglevel = 1
    smtpd_tls_security_level = may
    smtpd_tls_cert_file = HERE/server.pem
    smtpd_tls_key_file = HERE/server.key
    smtpd_tls_received_header = yes
    virtual_mailbox_domains = DOMAIN
    virtual_mailbox_base = HERE/mail
    virtual_mailbox_maps = inline:{ { bob@DOMAIN = bob/ }, { jürgen@DOMAIN = juergen/ } }
    virtual_uid_maps = static:MAILBOXES
    virtual_gid_maps = static:MAILBOXES
    virtual_minimum_uid = 1
    smtpd_reject_unlisted_recipient = no
    smtpd_client_connection_count_limit = 0
    queue_run_delay = 1s
    # Longer than a delivery agent holds a mail: one that is still held then waits for five minutes.
    minimal_backoff_time = 4s
    maximal_backoff_time = 4s
    notify_classes =
    """
        .replace("HERE", folder.seen())
        .replace("TRANSPORTS", table)
        .replace("DOMAIN", DOMAIN)
        .replace("MAILBOXES", "" + folder.userId(MAILBOX_OWNER));
  }

  /** The services of which a mail meets one; none of them in a chroot of its own. */
  private static String masterCf(int port) {
    return String.format(
        Locale.ROOT,
        """
        127.0.0.1:%d inet n - n - - smtpd
        postlog unix-dgram n - n - 1 postlogd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        """,
        port);
  }

  /** Where it keeps its queue and everything else. */
  public Path folder() {
    return folder.file("");
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
