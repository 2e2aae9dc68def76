package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.FilterSettings;
import io.postern.mail.auth.Dns;
import io.postern.mapping.BindingStore;
import io.postern.mapping.BlockTokens;
import io.postern.mapping.GreylistStore;
import io.postern.mapping.QuotaStore;
import io.postern.mapping.SignatureLog;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.Logins;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.MailJudge;
import io.postern.smtp.Reception;
import io.postern.smtp.Refusal;
import io.postern.smtp.Spool;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jdbi.v3.core.Jdbi;

/** What stands between a client and the spool: builds all that a mail must pass, in its order. */
final class Gates {
  private static final Duration RELOAD_LOGINS_AFTER = Duration.ofMinutes(1);
  private static final Duration EXPIRE_AFTER = Duration.ofHours(1);

  private final Config config;
  private final Jdbi jdbi;
  private final Dns dns;
  private final Predicate<InetAddress> strangers;
  private final Clock clock;
  private final Jobs jobs;
  private final BindingStore bindings;

  /**
   * @param strangers clients of whom nothing is known; others are of networks of our own
   * @param jobs gets what has to be done now and then
   */
  Gates(
      Config config, Jdbi jdbi, Dns dns, Predicate<InetAddress> strangers, Clock clock, Jobs jobs) {
    this.config = config;
    this.jdbi = jdbi;
    this.dns = dns;
    this.strangers = strangers;
    this.clock = clock;
    this.jobs = jobs;
    this.bindings = new BindingStore(jdbi);
  }

  /**
   * @param refusals is told what was refused
   */
  Reception reception(Peers peers, Spool spool, Consumer<Refusal> refusals)
      throws BridgeException, IOException {
    var rules = config.addressRules();
    return StoreAway.answered(
        new Reception(
            new Recipients(rules, peers, new BlockTokens(jdbi)),
            clientGates(),
            mailGates(new Speakers(config, rules, bindings, authorCheck())),
            new LoopCheck(config.domains()),
            spool,
            refusals,
            logins()));
  }

  /** What a client must pass at RCPT, once it is known that somebody is there. */
  private ClientCheck clientGates() throws BridgeException {
    var gates = new ArrayList<ClientCheck>();
    gates.add(new Blocklists(config.gates().blocklists(), strangers, dns, clock));
    if (config.gates().greylist()) {
      var hostname = config.smtp().hostname();
      var known = new GreylistStore(jdbi);
      var greylist = new Greylist(known, bindings, strangers, dns, hostname, clock);
      jobs.every(EXPIRE_AFTER, "greylist", greylist::expire);
      gates.add(greylist);
    }
    return new ClientGates(gates);
  }

  /** What a mail must pass at the end of DATA: who wrote it comes first, what counts comes last. */
  private MailJudge mailGates(Speakers speakers) throws IOException {
    var gates = new ArrayList<MailGate>();
    var filter = config.gates().filter();
    if (filter.isPresent()) {
      gates.add(new FilterGate(filter(filter.get()), filter.get()));
    }
    var used = new QuotaStore(jdbi);
    gates.add(new Quotas(used, config.gates().quota(), bindings, strangers, clock));
    return new MailGates(speakers, gates);
  }

  private MailFilter filter(FilterSettings settings) throws IOException {
    if (settings.program() instanceof FilterSettings.Rspamd rspamd) {
      return new RspamdFilter(rspamd.url(), settings.timeout(), dns, clock);
    }
    var command = (FilterSettings.Command) settings.program();
    return CommandFilter.open(command.words(), settings.timeout(), config.data().resolve("filter"));
  }

  private AuthorCheck authorCheck() {
    var hostname = config.smtp().hostname();
    var signatures = new SignatureLog(jdbi);
    return new AuthorCheck(dns, hostname, config.trustedSealers(), signatures, clock);
  }

  /** Those who may send from their own mail programs. */
  private Logins logins() throws BridgeException {
    if (config.smtp().submission().isEmpty()) {
      return Logins.none();
    }
    var file = LoginsFile.open(config.smtp().submission().get().logins());
    jobs.every(RELOAD_LOGINS_AFTER, "logins", file::reloadChanged);
    return file;
  }
}
