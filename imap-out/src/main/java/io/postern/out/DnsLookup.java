package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/**
 * Asks a resolver one question and follows the aliases of the answer. Takes of an answer only what
 * belongs to the question, so that a signed record of another name says nothing. May be used by
 * several threads.
 */
final class DnsLookup {
  private static final int MAX_ALIASES = 8;

  private final Resolver resolver;
  private final Duration longest;
  private final boolean validates;

  /**
   * @param longest how long a question may take with all its tries and aliases
   */
  DnsLookup(Resolver resolver, Duration longest) {
    this.resolver = resolver;
    this.longest = longest;
    // What another server says of its validation would have to be believed unseen.
    this.validates = resolver instanceof ValidatingResolver;
  }

  /**
   * What was found.
   *
   * @param records of the type that was asked for
   * @param canonicalName where the aliases have led
   * @param nameExists false after NXDOMAIN
   * @param authentic whether each answer on the way was secure
   */
  record Found(List<Record> records, Name canonicalName, boolean nameExists, boolean authentic) {}

  /**
   * Asks for records of one name and type.
   *
   * @throws DnsException with a cause if no answer came, without one if it says nothing or is not
   *     to be believed
   */
  Found ask(Name name, int type) throws DnsException {
    long end = System.nanoTime() + longest.toNanos();
    boolean authentic = validates;
    var next = name;
    for (int questions = 0; questions <= MAX_ALIASES; questions++) {
      var answer = send(next, type, end - System.nanoTime());
      authentic &= answer.getHeader().getFlag(Flags.AD);
      var section = answer.getSection(Section.ANSWER);
      var last = endOfAliases(next, section, type);
      var records =
          section.stream().filter(r -> r.getType() == type && r.getName().equals(last)).toList();
      boolean exists = answer.getRcode() != Rcode.NXDOMAIN;
      if (!exists || !records.isEmpty() || section.isEmpty()) {
        return new Found(exists ? records : List.of(), last, exists, authentic);
      }
      if (last.equals(next)) {
        throw unknown(type, name, "an answer to another question", Optional.empty());
      }
      next = last;
    }
    throw unknown(type, name, "too many aliases", Optional.empty());
  }

  private static Name endOfAliases(Name name, List<Record> section, int type) {
    var last = name;
    for (int i = 0; i < MAX_ALIASES && type != Type.CNAME; i++) {
      var alias = last;
      var target =
          section.stream()
              .filter(r -> r instanceof CNAMERecord && r.getName().equals(alias))
              .map(r -> ((CNAMERecord) r).getTarget())
              .findFirst();
      if (target.isEmpty()) {
        return last;
      }
      last = target.get();
    }
    return last;
  }

  private Message send(Name name, int type, long nanos) throws DnsException {
    Message answer;
    try {
      answer =
          resolver
              .sendAsync(Message.newQuery(Record.newRecord(name, type, DClass.IN)))
              .toCompletableFuture()
              .orTimeout(Math.max(nanos, 1), TimeUnit.NANOSECONDS)
              .join();
    } catch (CompletionException failed) {
      var cause = failed.getCause();
      if (cause instanceof TimeoutException) {
        throw unknown(type, name, "no answer in time", Optional.of(cause));
      }
      var why = cause instanceof IOException ? "no answer" : String.valueOf(cause.getMessage());
      throw unknown(type, name, why, Optional.of(cause));
    }
    int rcode = answer.getRcode();
    if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
      throw unknown(type, name, Rcode.string(rcode) + reason(answer), Optional.empty());
    }
    return answer;
  }

  /** Why the validator believes nothing of it. */
  private static String reason(Message answer) {
    return answer.getSection(Section.ADDITIONAL).stream()
        .filter(r -> r.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS)
        .filter(TXTRecord.class::isInstance)
        .map(r -> ", " + String.join("", ((TXTRecord) r).getStrings()))
        .findFirst()
        .orElse("");
  }

  private static DnsException unknown(int type, Name name, String why, Optional<Throwable> cause) {
    var words =
        "the DNS cannot say the "
            + Type.string(type)
            + " records of "
            + name.toString(true)
            + ": "
            + ServerReply.clean(why, 200);
    return cause.map(c -> new DnsException(words, c)).orElseGet(() -> new DnsException(words));
  }
}
