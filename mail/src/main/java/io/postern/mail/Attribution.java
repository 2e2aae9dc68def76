package io.postern.mail;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The line above a quote that says who wrote it and when, in the languages of mail clients. {@code
 * spec/content-types.md} §10.8.
 *
 * @param lines over how many lines it goes
 * @param certain whether it names a time or an address, so that it needs no quote below it to be
 *     known; a sentence of the author's own ("On reflection Bob wrote:") never does
 */
record Attribution(int lines, boolean certain) {
  private static final int MAX_LINES = 6;
  private static final int MAX_LENGTH = 500;

  private static final String WROTE =
      "(?:(?<!\\p{L})(?:wrote|writes|schrieb|geschrieben|a écrit|escribió|escribiu|va escriure"
          + "|ha scritto|scrisse|escreveu|schreef|geschreven|skrev|a scris|hau idatzi (?:du|zuen)"
          + "|napisał(?:\\(a\\)|a)?|pisze|napsal(?:\\(a\\)|a)?|napísal(?:\\(a\\)|a)?|napisala?"
          + "|(?:je )?napisa(?:o|la)(?:/la)?(?: je)?|napisal\\(a\\)|написал(?:\\(а\\)|а)?"
          + "|писал(?:\\(а\\)|а)?|пише|пишет|написав(?:ла)?|написа|(?:је )?написао(?:/ла)?"
          + "|έγραψε|đã viết|kirjoitti|kirjutas|írta|yazdı|parašė|rašė|rakstīja|menulis|ने लिखा"
          + "|נכתב|כתב(?:/ה|ה)?|نوشت|كتب(?:ت)?|تمت كتابة ما يلي بواسطة)(?!\\p{L})"
          + "|写道|寫道|写到|のメール|さんは書きました|님이 작성|(?<=[>)] )작성|이\\(가\\) 쓴 글|เขียนว่า)";

  /** The two sides share no character with the sign between them, so there is one way to match. */
  private static final String ADDRESS = "[^\\s<>\"@]{1,100}@[^\\s<>\"@]{1,100}";

  private static final String TIME = "(?<!\\d)\\d{1,2}[:.h]\\d{2}(?!\\d)";

  /** A word that begins attributions, then something of a date. */
  private static final Pattern KNOWN_START =
      pattern(
          "^(?:-{2,} ?)?(?:On|At|Am|Le|El|Il giorno|Il|In data|Em|Op|Den|Dnia|W"
              + " dniu|Dne|Vào|Lúc|בתאריך|في|Na dzień|Pada)[ ,].*|^[在于於] ?\\d.*"
              // Words with which sentences begin, too: a date must follow.
              + "|^(?:Pe|La|O|Às|No dia|El dia|Στις|На|V|Dana|Dňa|Kuupäev|در|در تاریخ"
              + "|In a message dated|ในวันที่|เมื่อ)[ ,].{0,40}?[\\d\\u06f0-\\u06f9].*"
              + "|^(?:Missatge de|Wiadomość napisana przez) .*");

  /** A date: digits first, or a weekday or month and digits. */
  private static final Pattern DATE_START =
      pattern(
          "^(?:\\d{1,4}[ ./:年년-].{0,200}|בתאריך .{0,200}"
              + "|[\\p{L}\\p{M}]{2,12}[.,]{0,2} \\d.{0,200}"
              // Tuesday, February 3, 2026
              + "|\\p{L}{2,12}, \\p{L}{3,12} \\d{1,2}, \\d{4}.{0,200})");

  /** {@code Some One <one@mail.example> wrote:} with whatever a date may add. */
  private static final Pattern NAME_FIRST =
      pattern("^[^.!?]{0,80}<" + ADDRESS + "> ?(?:\\p{L}{2,10} )?" + WROTE + ".{0,60}[:：]$");

  /** {@code Some One <one@mail.example>, 3 Feb 2026, 09:58 tarihinde yazdı:}. */
  private static final Pattern NAME_THEN_DATE =
      pattern(
          "^[^.!?]{0,80}<" + ADDRESS + ">,? (?>.{0,60}?" + TIME + ").{0,60}?" + WROTE + " ?[:：]$");

  private static final Pattern VERB_FORM =
      pattern("^.{0,300}?" + WROTE + "(?:.{0,150} ?[:：]| ?-{2,} ?:?)$");

  /** Some clients leave the colon out; then an address must stand before the verb. */
  private static final Pattern VERB_WITHOUT_COLON =
      pattern("^.{0,200}[< ]" + ADDRESS + ">? ?" + WROTE + "$");

  private static final Pattern DATE_AND_ADDRESS =
      pattern(
          "^(?=.{0,100}"
              + TIME
              + ").{0,250}<(?:[^<>@]{0,39}[\\s\"])?"
              + ADDRESS
              + "(?:[\\s\"@][^<>]{0,4})?> ?[:：]$");

  private static final Pattern ISO_DATE =
      pattern(
          "^\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2} (?:(?:\\d{1,2}:\\d{2} )?.{0,100}<"
              + ADDRESS
              + ">"
              + "|\\d{1,2}:\\d{2} GMT[+-]\\d{1,2}:\\d{2} .{2,80})$");

  /** Tuta's: {@code 3. Feb. 2026, 09:58 von one@mail.example:}. */
  private static final Pattern DATE_BY_ADDRESS =
      pattern(
          "^.{0,40}"
              + TIME
              + ".{0,6} (?:by|von|par|por|da|de|door|от|від|od|av|af) "
              + ADDRESS
              + " ?[:：]$");

  /** {@code Wiadomość napisana przez One <one@mail.example> w dniu 3 lut 2026, o godz. 09:58:}. */
  private static final Pattern MESSAGE_OF =
      pattern("^(?:Missatge de|Wiadomość napisana przez) .{0,250}" + TIME + ".{0,20}[:：]$");

  /** A name without an address, where the verb and a whole date follow: {@code Bob kirjoitti …}. */
  private static final Pattern NAME_VERB_DATE =
      pattern(
          "^[^.!?<>:：]{1,60} (?:(?:kirjoitti|kirjutas|rašė) \\d{1,4}[.-]\\d{1,2}[.-]\\d{1,4}"
              + "(?: klo| kello| kell)? "
              + TIME
              + "|schrieb am \\d{1,2}\\.\\d{1,2}\\.\\d{4} "
              + TIME
              + " \\(GMT[^()]{0,10}\\)"
              + "|[於于] ?\\d{4}[/年.-].{0,40}(?:寫道|写道)) ?[:：]$");

  private static final Pattern EVIDENCE = pattern(TIME + "|" + ADDRESS);
  private static final Pattern SENTENCE_END = pattern("(?:[!?;…]|\\p{L}{4}\\.)$");

  /** What clients put around names where Hebrew or Arabic meets Latin. */
  private static final Pattern DIRECTION =
      Pattern.compile("[\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

  private static final Pattern SPACES = Pattern.compile("\\s+");

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  /** The attribution that begins at this line, if one does. */
  static Optional<Attribution> at(List<String> lines, int index) {
    var first = cleaned(lines.get(index));
    boolean known = KNOWN_START.matcher(first).matches();
    boolean dated = DATE_START.matcher(first).matches();
    if (NAME_VERB_DATE.matcher(first).matches()) {
      return Optional.of(new Attribution(1, true));
    }
    if (!known && !dated && first.indexOf('<') < 0) {
      return Optional.empty();
    }
    var joined = new StringBuilder();
    for (int i = index; i < lines.size() && i - index < MAX_LINES; i++) {
      var line = cleaned(lines.get(i));
      if (line.isEmpty()) {
        // Some clients break before the address and leave a line empty.
        if (i + 1 < lines.size() && cleaned(lines.get(i + 1)).startsWith("<")) {
          continue;
        }
        return Optional.empty();
      }
      if (i > index && startsAnother(line)) {
        return Optional.empty();
      }
      joined.append(joined.isEmpty() ? "" : " ").append(line);
      if (joined.length() > MAX_LENGTH) {
        return Optional.empty();
      }
      var text = joined.toString();
      if (isWhole(text, known, dated)) {
        return Optional.of(new Attribution(i - index + 1, EVIDENCE.matcher(text).find()));
      }
      if (SENTENCE_END.matcher(line).find()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean isWhole(String text, boolean known, boolean dated) {
    if (known || dated) {
      if (VERB_FORM.matcher(text).matches() || VERB_WITHOUT_COLON.matcher(text).matches()) {
        return true;
      }
    }
    if (known && MESSAGE_OF.matcher(text).matches()) {
      return true;
    }
    if (dated && DATE_BY_ADDRESS.matcher(text).matches()) {
      return true;
    }
    if (dated && ISO_DATE.matcher(text).matches()) {
      return true;
    }
    return endsInColon(text)
        && ((dated && DATE_AND_ADDRESS.matcher(text).matches())
            || NAME_FIRST.matcher(text).matches()
            || NAME_THEN_DATE.matcher(text).matches());
  }

  private static boolean endsInColon(String text) {
    return text.endsWith(":") || text.endsWith("：");
  }

  private static boolean startsAnother(String line) {
    return line.length() > 20
        && KNOWN_START.matcher(line).matches()
        && line.substring(0, 20).chars().anyMatch(c -> c >= '0' && c <= '9');
  }

  private static String cleaned(String line) {
    var text = line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH + 1) : line;
    if (text.indexOf('&') >= 0) {
      text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    }
    var plain = unmarked(DIRECTION.matcher(text.replace('\u00a0', ' ')).replaceAll("").strip());
    return SPACES.matcher(plain).replaceAll(" ");
  }

  /** Without the stars and underscores of bold and italics around it. */
  private static String unmarked(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isMark(text.charAt(from))) {
      from++;
    }
    while (from < to && isMark(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isMark(char c) {
    return c == '*' || c == '_';
  }
}
