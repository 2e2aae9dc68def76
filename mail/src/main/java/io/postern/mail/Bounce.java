package io.postern.mail;

import io.postern.mail.DeliveryReport.Action;
import io.postern.mail.DeliveryReport.RecipientStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads reports of failed deliveries that are written for people alone: what exim, qmail, older
 * Exchange servers and many others send in place of RFC 3464. Nothing is known here of any one
 * server: an address counts that stands where the text speaks of a failure.
 *
 * <p>It guesses. So it is to be asked of mail from the null sender only, and who the mail went to
 * should be known from its return path.
 */
public final class Bounce {
  /** Characters of a part that are looked at; the reason stands at the beginning. */
  private static final int MAX_TEXT = 100_000;

  /** Parts that are looked at; a report has three. */
  private static final int MAX_PARTS = 5;

  private static final int MAX_LINE = 1000;
  private static final int MAX_RECIPIENTS = 50;

  /** Lines around an address that may tell what became of it. */
  private static final int BEFORE = 3;

  private static final int BEHIND = 10;

  private static final Pattern SENDER =
      Pattern.compile(
          "(?i)(?:mailer|mail)[-_.]?(?:daemon|administrator|delivery[-_.]?system)|post_?master|mdaemon|.*-bounces?"
              + "|daemon|mailsystem|mail|e?mail-?admin|no-?reply|system|mailadmin|root");

  private static final Pattern DAEMON = Pattern.compile("(?i)mailer[-_.]?daemon");

  private static final Pattern SUBJECT =
      Pattern.compile(
          "(?i)undeliver|unable to deliver|deliver|return(?:ed|ing) |fail|bounce|reject|could ?n[o']t"
              + "|could not be|not sent|warning|delay|error|non remis|unzustellbar|notification"
              + "|status|unknown user|user unknown|problem|denied|blocked|nondeliverable|refus"
              + "|mail system|エラー|配信|届|配送|退信|系统");

  private static final Pattern ADDRESS =
      Pattern.compile(
          "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
              + "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\\.){1,10}[A-Za-z][A-Za-z0-9-]{1,23}"
              + "|(?<=<)\"[^\"<>@\\s]{1,64}\"@[A-Za-z0-9.-]{1,100}(?=>)");

  /** Stands for the address in question while its line is looked at. */
  private static final String ADDRESS_MARK = "\u0001";

  /** A line of an address and little else: qmail's, postfix's, sendmail's and many others'. */
  private static final Pattern ALONE =
      Pattern.compile(
          "(?i)[\\s>*-]*(?:<?(?:(?:final|original|failed|intended)[ -])?(?:rcpt|recipients?|to"
              + "|e-?mail address|address|addressed to|mailbox|user)(?: to)?\\s*[:=]?)?"
              + "[\\s<\\[(\"']*\u0001[\\s>\\])\"']*(?:[:;,.…].*|\\(.*|-.*|\\.\\.\\..*)?");

  private static final Pattern ENHANCED =
      Pattern.compile("(?<![\\d.])([245]\\.\\d{1,3}\\.\\d{1,3})(?![\\d.])");
  private static final Pattern REPLY =
      Pattern.compile("(?:^|[\\s:;,(\"'\\[#])([45]\\d\\d)(?=[\\s:;,.)\"'\\]#-]|$)");

  private static final Pattern FAILURE =
      Pattern.compile(
          "(?i)unknown|no such|does ?n[o']t exist|not exist|undeliver|not (?:be )?deliver|reject"
              + "|quota|full|disabled|unavailable|refused|denied|could ?n[o']t|cannot|can't|can not"
              + "|not found|not listed|invalid|fail|bounce|expired|too large|too big|exceed|blocked"
              + "|not accept|unable|error|unrouteable|unroutable|no mailbox|not allowed|suspend"
              + "|inactive|not known|bad address|timed? ?out|permanent|loop|too many|violat|spam"
              + "|virus|not permitted|undelivrable|impossible|inconnu|ありません|できません|エラー|存在");

  private static final Pattern DELAY =
      Pattern.compile(
          "(?i)will (?:be )?(?:re-?tr|keep trying|continue|attempt)|still trying|has been delayed"
              + "|not yet been delivered|is delayed|warning message only|no action is required"
              + "|temporary warning|do not need to resend");

  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern HEADER_LINE = Pattern.compile("[A-Za-z][A-Za-z0-9-]{1,40}: ?.*");
  private static final Pattern RETURNED_FIELD =
      Pattern.compile(
          "(?i)(?:received|return-path|message-id|mime-version|from|date|subject): ?.*");
  private static final Pattern RETURNED_ID =
      Pattern.compile("(?im)^[> \\t]*message-id:[ \\t]*(<\\S+>)");
  private static final Pattern RETURNED_TO = Pattern.compile("(?im)^[> \\t]*(?:to|cc): ?(.+)$");

  /** Files that belong to what is said, not to what is returned. */
  private static final Set<String> SAYING = Set.of("message/delivery-status", "text/plain");

  private static final Set<String> MACHINES =
      Set.of(
          "postmaster",
          "mailer-daemon",
          "abuse",
          "support",
          "help",
          "helpdesk",
          "noreply",
          "no-reply",
          "webmaster",
          "hostmaster");

  private final Mail mail;
  private final List<String> told;
  private final String returned;

  private Bounce(Mail mail, List<String> told, String returned) {
    this.mail = mail;
    this.told = told;
    this.returned = returned;
  }

  /**
   * @param mail from the null sender
   * @return the report of RFC 3464 if it has one, else what its text tells; empty if it does not
   *     look like a report, or names nobody
   */
  public static Optional<DeliveryReport> read(Mail mail) {
    if (mail.report().isPresent()) {
      return mail.report();
    }
    return looksLikeOne(mail) ? of(mail).report() : Optional.empty();
  }

  private static boolean looksLikeOne(Mail mail) {
    if (mail.header().has("X-Failed-Recipients")) {
      return true;
    }
    if (mail.reportType().equals("feedback-report")) {
      return false;
    }
    if (mail.automaticReply() && !isFrom(mail, DAEMON)) {
      return false; // Somebody is on holiday; a daemon that calls its report a reply never is.
    }
    boolean byMachine =
        mail.from().isEmpty()
            || isFrom(mail, SENDER)
            || mail.header().first("Return-Path").orElse("").contains("<>");
    return byMachine && (SUBJECT.matcher(mail.subject()).find() || mail.subject().isBlank());
  }

  private static boolean isFrom(Mail mail, Pattern localPart) {
    return mail.from().stream()
        .anyMatch(from -> localPart.matcher(from.mailbox().localPart()).matches());
  }

  private static Bounce of(Mail mail) {
    var told = new ArrayList<String>();
    var returned = new StringBuilder();
    for (var body : mail.bodies().subList(0, Math.min(mail.bodies().size(), MAX_PARTS))) {
      var text = body.plain().orElseGet(() -> HtmlToText.convert(body.html().orElse("")));
      split(text, told, returned);
    }
    for (var file : mail.attachments().subList(0, Math.min(mail.attachments().size(), MAX_PARTS))) {
      if (file.baseType().startsWith("message/") || file.baseType().startsWith("text/")) {
        var head = TextDecoder.decode(file.body().beginning(MAX_TEXT), "utf-8");
        if (SAYING.contains(file.baseType())) {
          split(head, told, returned);
        } else {
          returned.append(head.replace("\r\n", "\n")).append('\n');
        }
      }
    }
    return new Bounce(mail, told, returned.toString());
  }

  /** Parts what is said from the mail that is returned below it. */
  private static void split(String text, List<String> told, StringBuilder returned) {
    var cut = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
    var lines = cut.replace("\r\n", "\n").split("\n", -1);
    int at = 0;
    while (at < lines.length && !startsReturned(lines, at)) {
      var line = lines[at++];
      // With single spaces, since runs of them would cost the patterns much.
      var cutLine = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
      told.add(SPACES.matcher(cutLine).replaceAll(" "));
    }
    for (; at < lines.length; at++) {
      returned.append(lines[at]).append('\n');
    }
  }

  /** A header: three fields on end, two of which every mail has. */
  private static boolean startsReturned(String[] lines, int at) {
    if (!RETURNED_FIELD.matcher(lines[at].strip()).matches()) {
      return false;
    }
    int fields = 0;
    int known = 0;
    for (int i = at; i < lines.length && i < at + 12 && !lines[i].isBlank(); i++) {
      var line = lines[i].strip();
      fields += HEADER_LINE.matcher(line).matches() ? 1 : 0;
      known += RETURNED_FIELD.matcher(line).matches() ? 1 : 0;
    }
    return fields >= 3 && known >= 2;
  }

  private Optional<DeliveryReport> report() {
    var found = new LinkedHashMap<String, Integer>();
    named().forEach(address -> found.put(address, bestLine(address)));
    if (found.isEmpty()) {
      found.putAll(inText());
    }
    if (found.isEmpty() && told.stream().anyMatch(Bounce::tellsFailure)) {
      returnedTo().forEach(address -> found.put(address, bestLine(address)));
    }
    var recipients =
        found.entrySet().stream()
            .limit(MAX_RECIPIENTS)
            .map(entry -> status(entry.getKey(), entry.getValue()))
            .toList();
    return recipients.isEmpty()
        ? Optional.empty()
        : Optional.of(new DeliveryReport("", "", returnedId(), recipients));
  }

  /** Exim's field. */
  private Set<String> named() {
    return addresses(String.join(" ", mail.header().all("X-Failed-Recipients")));
  }

  /** The addresses with the best reason to be meant, each with its line. */
  private Map<String, Integer> inText() {
    var ours = ours();
    int best = 0;
    var found = new LinkedHashMap<String, Integer>();
    for (int i = 0; i < told.size(); i++) {
      var line = told.get(i);
      if (line.indexOf('@') < 0) {
        continue;
      }
      for (var address : addresses(line)) {
        if (ours.contains(address) || isMachine(address)) {
          continue;
        }
        int score = score(i, address);
        if (score > best) {
          best = score;
          found.clear();
        }
        if (score > 0 && score == best) {
          found.putIfAbsent(address, i);
        }
      }
    }
    return found;
  }

  private int score(int at, String address) {
    var line = told.get(at);
    boolean near = false;
    for (int i = Math.max(0, at - BEFORE); i < Math.min(told.size(), at + BEHIND); i++) {
      near |= tellsFailure(told.get(i));
    }
    if (ALONE.matcher(line.toLowerCase(Locale.ROOT).replace(address, ADDRESS_MARK)).matches()) {
      return near ? 4 : 2;
    }
    return tellsFailure(line) ? 3 : near ? 1 : 0;
  }

  private static boolean tellsFailure(String line) {
    return FAILURE.matcher(line).find()
        || REPLY.matcher(line).find()
        || ENHANCED.matcher(line).find();
  }

  /** To whom the report goes and who writes it: not who failed. */
  private Set<String> ours() {
    var people = new ArrayList<>(mail.to());
    people.addAll(mail.cc());
    people.addAll(mail.from());
    people.addAll(mail.replyTo());
    return people.stream()
        .map(person -> person.mailbox().toString().toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isMachine(String address) {
    var local = address.substring(0, address.lastIndexOf('@'));
    return MACHINES.contains(local);
  }

  private Set<String> returnedTo() {
    var match = RETURNED_TO.matcher(returned);
    var found = new TreeSet<String>();
    while (match.find() && found.size() < MAX_RECIPIENTS) {
      found.addAll(addresses(match.group(1)));
    }
    return found;
  }

  private static Set<String> addresses(String line) {
    var found = new LinkedHashSet<String>();
    var match = ADDRESS.matcher(line);
    while (match.find() && found.size() < MAX_RECIPIENTS) {
      found.add(match.group().toLowerCase(Locale.ROOT).replaceFirst("^(?:mailto:|smtp:)", ""));
    }
    return found;
  }

  private int bestLine(String address) {
    int first = 0;
    for (int i = 0; i < told.size(); i++) {
      if (told.get(i).toLowerCase(Locale.ROOT).contains(address)) {
        return i;
      }
      if (first == 0 && tellsFailure(told.get(i))) {
        first = i;
      }
    }
    return first;
  }

  private RecipientStatus status(String address, int at) {
    var reason = new ArrayList<String>();
    Optional<String> code = Optional.empty();
    for (int i = at; i < Math.min(told.size(), at + BEHIND); i++) {
      var line = told.get(i);
      if (i > at
          && !line.toLowerCase(Locale.ROOT).contains(address)
          && !addresses(line).isEmpty()
          && code.isPresent()) {
        break; // The next recipient's.
      }
      if (code.isEmpty()) {
        code = code(line);
      }
      if (tellsFailure(line)) {
        reason.add(line.strip());
      }
      if (line.isBlank() && !reason.isEmpty()) {
        break;
      }
    }
    if (code.isEmpty()) {
      code = told.stream().flatMap(line -> code(line).stream()).findFirst();
    }
    boolean delayed =
        told.stream().anyMatch(line -> DELAY.matcher(line).find())
            && code.filter(known -> known.startsWith("5")).isEmpty();
    var action = delayed ? Action.DELAYED : Action.FAILED;
    var status = code.orElse(delayed ? "4.0.0" : "5.0.0");
    return new RecipientStatus(address, "", action, status, String.join(" ", reason));
  }

  private static Optional<String> code(String line) {
    var enhanced = ENHANCED.matcher(line);
    while (enhanced.find()) {
      if (enhanced.group(1).charAt(0) != '2') {
        return Optional.of(enhanced.group(1));
      }
    }
    var reply = REPLY.matcher(line);
    return reply.find() ? Optional.of(reply.group(1).charAt(0) + ".0.0") : Optional.empty();
  }

  private Optional<MailId> returnedId() {
    var match = RETURNED_ID.matcher(returned);
    return match.find() ? MailId.parse(match.group(1)) : Optional.empty();
  }
}
