package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.FilterSettings;
import io.postern.config.NetworkSettings;
import io.postern.config.StoreSettings;
import io.postern.config.VaultSettings;
import io.postern.mail.auth.DnsException;
import io.postern.out.Deliver;
import io.postern.out.DnsJava;
import io.postern.out.ImapPoll;
import io.postern.out.ProvenDns;
import io.postern.smtp.SmtpSettings;
import io.postern.smtp.TlsCheck;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern check}: reads, resolves, connects, and exits; changes nothing. */
@Command(name = "check", description = "Reads the configuration, tries what it names, and exits.")
final class CheckCommand implements Callable<Integer> {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final String NOBODY = "0x0000000000000000000000000000000000000000";

  @Mixin private ConfigOption option;
  @Spec private CommandSpec spec;

  private boolean failed;

  /** Something to try; throws what went wrong. */
  private interface Attempt {
    void run() throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    var config = option.read();
    var out = spec.commandLine().getOut();
    out.println("ok      configuration: domains " + String.join(", ", config.domains()));
    attempt(out, "data " + config.data(), () -> checkData(config));
    if (config.store() instanceof StoreSettings.PostgreSql postgres) {
      attempt(
          out, "store " + postgres.url(), () -> PostgresServerLogin.of(postgres).connect().close());
    }
    attempt(out, "vault", () -> checkVault(config.vault()));
    for (var key : config.dkim()) {
      attempt(out, "dkim " + key.keyFile(), () -> MailSigning.open(List.of(key), List.of()));
    }
    var smtp = new InetSocketAddress(config.smtp().host(), config.smtp().port());
    attempt(out, "smtp.listen " + Words.of(smtp), () -> bind(smtp));
    checkSubmission(out, config.smtp());
    var web = config.web().listen();
    attempt(out, "web.listen " + Words.of(web), () -> bind(web));
    if (config.network() instanceof NetworkSettings.Local) {
      var node = config.node().listen();
      attempt(out, "node.listen " + Words.of(node), () -> bind(node));
    } else {
      var url = Networks.url(config.network());
      attempt(out, "network " + url, () -> ask(url));
    }
    for (var deliver : ways(config)) {
      if (deliver instanceof Deliver.Mx) {
        attempt(out, "dns passes DNSSEC on", () -> requireDnssec(config));
      }
      if (deliver instanceof Deliver.Smarthost host) {
        var what = "deliver smarthost " + host.host() + ":" + host.port();
        attempt(out, what, () -> connect(host.host(), host.port()));
      }
      if (deliver instanceof Deliver.Imap host) {
        var what = "deliver imap " + host.host() + ":" + host.port();
        attempt(out, what, () -> connect(host.host(), host.port()));
      }
    }
    for (var way : ImapInput.folders(config)) {
      var what = "receive imap " + way.host() + ":" + way.port() + " folder " + way.folder();
      attempt(out, what, () -> ImapPoll.check(way));
    }
    for (var list : config.gates().blocklists()) {
      attempt(out, "dnsbl " + list, () -> Blocklists.require(list, DnsJava.plain(config.dns())));
    }
    config.gates().filter().ifPresent(filter -> checkFilter(out, filter.program()));
    out.flush();
    return failed ? 1 : 0;
  }

  private void checkSubmission(PrintWriter out, SmtpSettings smtp) {
    smtp.tls()
        .ifPresent(
            tls ->
                attempt(
                    out,
                    "smtp.tls " + tls.certificate(),
                    () -> {
                      var check = TlsCheck.of(tls);
                      check.requireValidAt(Clock.systemUTC().instant());
                      if (smtp.submission().isPresent()) {
                        check.requireName(smtp.hostname());
                      }
                    }));
    if (smtp.submission().isEmpty()) {
      return;
    }
    var submission = smtp.submission().get();
    submission
        .starttls()
        .ifPresent(at -> attempt(out, "smtp.submission.starttls " + Words.of(at), () -> bind(at)));
    submission
        .implicitTls()
        .ifPresent(
            at -> attempt(out, "smtp.submission.implicitTls " + Words.of(at), () -> bind(at)));
    attempt(
        out,
        "smtp.submission.logins " + submission.logins(),
        () -> LoginsFile.open(submission.logins()));
  }

  private void checkFilter(PrintWriter out, FilterSettings.Program program) {
    if (program instanceof FilterSettings.Rspamd rspamd) {
      var url = rspamd.url();
      int port = url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
      attempt(out, "filter " + url, () -> connect(url.getHost(), port));
    } else {
      var name = ((FilterSettings.Command) program).words().get(0);
      attempt(out, "filter " + name, () -> requireExecutable(name));
    }
  }

  /** One without a slash is looked for where the system looks for programs. */
  private static void requireExecutable(String name) throws IOException {
    if (name.contains("/") && !Files.isExecutable(Path.of(name))) {
      throw new IOException("there is no such program that we may run");
    }
  }

  /** How mail leaves, for all and for single persons, each way once. */
  private static Set<Deliver> ways(Config config) {
    var ways = new LinkedHashSet<Deliver>();
    ways.add(config.deliver());
    if (config.deliver() instanceof Deliver.Mx mx) {
      mx.routes().forEach(route -> ways.add(route.smarthost()));
    }
    config.mappings().forEach(mapping -> mapping.deliver().ifPresent(ways::add));
    return ways;
  }

  private void attempt(PrintWriter out, String what, Attempt attempt) {
    try {
      attempt.run();
      out.println("ok      " + what);
    } catch (Exception wrong) {
      failed = true;
      out.println("failed  " + what + ": " + Words.of(wrong));
    }
  }

  private static void checkData(Config config) throws IOException {
    var existing = config.data().toAbsolutePath();
    while (Files.notExists(existing)) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new IOException(existing + " is a file, not a folder");
    }
    if (!Files.isWritable(existing)) {
      throw new IOException(existing + " cannot be written to");
    }
  }

  /** Reads the key; makes none. */
  private static void checkVault(VaultSettings vault) throws BridgeException {
    boolean willBeMade =
        vault instanceof VaultSettings.KeyFile keyFile
            && keyFile.madeIfAbsent()
            && Files.notExists(keyFile.file());
    if (!willBeMade) {
      VaultFile.check(vault);
    }
  }

  private static void bind(InetSocketAddress address) throws IOException {
    try (var socket = new ServerSocket()) {
      socket.bind(address);
    }
  }

  private static void connect(String host, int port) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
    }
  }

  private static void requireDnssec(Config config) throws DnsException, BridgeException {
    if (!ProvenDns.open(config.dns(), Clock.systemUTC()).isProven()) {
      throw new BridgeException(
          "signatures of the DNS root do not come through, so no mail server can prove its"
              + " certificate by DANE; write a name server that passes them on at dns");
    }
  }

  private static void ask(URI url) throws IOException, NodeException {
    try (var node = V3Node.open(V3Settings.at(url), Clock.systemUTC())) {
      node.inboxIds(List.of(new EthereumAddress(NOBODY)));
    }
  }
}
