package io.postern.bridge;

import io.postern.mapping.BindingStore;
import io.postern.mapping.QuotaSettings;
import io.postern.mapping.QuotaStore;
import io.postern.mapping.QuotaStore.Item;
import io.postern.mapping.QuotaStore.Quota;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge.Author;
import io.postern.smtp.MailJudge.Judgement;
import io.postern.smtp.MailJudge.Refused;
import io.postern.smtp.MailJudge.Taken;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;

/**
 * What one person may send on a day, and how many people may write for the first time: each of them
 * is given an inbox. design.md §2. Who has one is not touched by the latter. Used by several
 * threads.
 *
 * <p>A mail that comes again to the same recipients, because its client did not hear our answer or
 * was told to wait, counts once; it becomes nothing new either.
 */
final class Quotas implements MailGate {
  /** A customer gets a /56 or a /48 (RFC 6177), so less would be no limit. */
  private static final int IPV6_BITS = 48;

  private static final int BUFFER = 64 * 1024;

  private final QuotaStore store;
  private final QuotaSettings settings;
  private final BindingStore bindings;
  private final Predicate<InetAddress> strangers;
  private final InstantSource clock;

  /**
   * @param strangers clients whose network is one sender's
   */
  Quotas(
      QuotaStore store,
      QuotaSettings settings,
      BindingStore bindings,
      Predicate<InetAddress> strangers,
      InstantSource clock) {
    this.store = store;
    this.settings = settings;
    this.bindings = bindings;
    this.strangers = strangers;
    this.clock = clock;
  }

  @Override
  public Judgement check(ArrivedMail mail, Taken soFar) throws IOException {
    if (soFar.author().isEmpty()) {
      return soFar; // A report, or a machine that only its operator reaches: nobody to count.
    }
    // A literal, so nothing is asked; of a fetched mail it is the loopback, which is no stranger.
    var client = InetAddress.getByName(mail.received().clientAddress());
    return check(client, soFar.author().get(), name(mail), soFar);
  }

  /**
   * @param mail what tells it from others
   */
  Judgement check(InetAddress client, Author author, String mail, Taken soFar) {
    var person = author.mailbox().canonical();
    var items = new ArrayList<Item>();
    items.add(
        new Item(
            "mail " + mail, List.of(new Quota("mails of " + person, settings.perPersonPerDay()))));
    if (bindings.find(person).isEmpty()) {
      items.add(new Item("person " + person, newPerson(client, author.organization())));
    }
    var now = clock.instant();
    var usedUp = store.count(items, now);
    if (usedUp.isEmpty()) {
      return soFar;
    }
    var midnight = LocalDate.ofInstant(now, ZoneOffset.UTC).plusDays(1);
    return new Refused(
        SmtpReply.of(
            451,
            "4.7.1",
            "No more "
                + usedUp.get().subject()
                + " than "
                + usedUp.get().limit()
                + " are taken in one day; try again after "
                + midnight
                + " 00:00 UTC"));
  }

  private List<Quota> newPerson(InetAddress client, String organization) {
    var quotas = new ArrayList<Quota>();
    // Many strangers come by a relay of one's own; it is no sender.
    if (strangers.test(client)) {
      quotas.add(
          new Quota(
              "new people from " + ClientNetwork.of(client, IPV6_BITS),
              settings.newPersonsPerNetworkPerDay()));
    }
    quotas.add(new Quota("new people of " + organization, settings.newPersonsPerDomainPerDay()));
    quotas.add(new Quota("new people", settings.newPersonsPerDay()));
    return quotas;
  }

  /** Of the mail's octets and its recipients. */
  private static String name(ArrivedMail mail) throws IOException {
    var digest = sha256();
    try (var in = mail.open()) {
      var buffer = new byte[BUFFER];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    mail.envelope().forwardPaths().stream()
        .map(recipient -> recipient.canonical().toString())
        .sorted()
        .forEach(each -> digest.update(("\n" + each).getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
