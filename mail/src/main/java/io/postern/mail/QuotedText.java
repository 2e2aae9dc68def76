package io.postern.mail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Takes out of a mail's text what its author did not write now: the quoted mail below or above an
 * answer, and the signature. {@code spec/content-types.md} §10.8.
 *
 * <p>In doubt it keeps: a quote too much is noise, a sentence lost is a loss.
 */
public final class QuotedText {
  private static final int MAX_SIGNATURE = 10;
  private static final int MAX_FOOTER = 12;

  /** More lines than this below a quote are an answer to it. */
  private static final int MAX_TAIL = 7;

  private static final int MAX_ROUNDS = 5;

  /**
   * A quoted line that is longer than this with one word more would have been wrapped: Emacs, which
   * wraps at 70, makes the shortest lines of the clients in use.
   */
  private static final int BROKEN_AT = 70;

  /** So many lines are looked at as attributions; a letter has fewer. */
  private static final int MAX_TRIED = 5000;

  private static final Pattern QUOTE = Pattern.compile(" {0,2}>.*");
  private static final Pattern BAR_QUOTE = Pattern.compile("\\|( .*|$)");

  /** Quoting by name, as old news readers do: {@code Bob> Hello}. */
  private static final Pattern NAMED_QUOTE = Pattern.compile("\\p{L}{1,10}>( .*|$)");

  private enum Kind {
    TEXT,
    EMPTY,
    QUOTE,
    ATTRIBUTION
  }

  private final List<String> lines;
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Boolean> certain = new ArrayList<>();

  /** How many lines of text, and of quote, stand before each line. */
  private final int[] textBefore;

  private final int[] quotesBefore;

  /** For each line, the next one that is neither empty nor part of an attribution. */
  private final int[] nextSaying;

  private int attributionsTried;

  /** Whether a transport has broken quoted lines of this mail. */
  private boolean brokenQuotes;

  private boolean quoteCut;
  private int start;
  private int end;

  private QuotedText(List<String> lines) {
    this.lines = lines;
    end = lines.size();
    classify();
    textBefore = countsBefore(Kind.TEXT);
    quotesBefore = countsBefore(Kind.QUOTE);
    nextSaying = nextSaying();
  }

  /**
   * The text without quotes and signature; the whole text if nothing visible would remain.
   *
   * @param text with LF line ends
   * @param answer whether the mail answers another one; if not, only the signature, what a program
   *     says about itself and the footer of a list go
   */
  public static String cut(String text, boolean answer) {
    return own(text, answer).text();
  }

  /**
   * What the author wrote now.
   *
   * @param quoteCut whether more than a signature and its like is missing
   */
  record Own(String text, boolean quoteCut) {}

  /** As {@link #cut(String, boolean)}, with what was cut. */
  static Own own(String text, boolean answer) {
    if (isOnlySignature(text)) {
      return new Own(BodyText.tidy(text), false);
    }
    var quoted = new QuotedText(List.of(text.split("\n", -1)));
    var result = BodyText.tidy(quoted.cut(answer));
    return BodyText.isVisible(result)
        ? new Own(result, quoted.quoteCut)
        : new Own(BodyText.tidy(text), false);
  }

  /** Whether a program put its signature where an author wrote nothing. */
  static boolean isOnlySignature(String text) {
    if (!text.stripLeading().startsWith("--")) {
      return false;
    }
    var lines = text.stripLeading().split("\n", MAX_SIGNATURE + 2);
    return QuoteMarks.isSignature(lines[0])
        && lines.length <= MAX_SIGNATURE
        && Arrays.stream(lines).noneMatch(line -> QUOTE.matcher(line).matches());
  }

  private String cut(boolean answer) {
    if (isForward()) {
      return String.join("\n", lines);
    }
    if (answer) {
      cutEmbedded();
    }
    for (int round = 0; round < MAX_ROUNDS; round++) {
      int before = end;
      cutTrailingQuote(answer);
      cutSignature();
      cutTail();
      if (end == before) {
        break;
      }
    }
    if (answer) {
      cutLeadingQuote();
    }
    var kept = new ArrayList<String>();
    for (int i = start; i < end; i++) {
      if (!(answer && isNeedlessAttribution(i))) {
        kept.add(lines.get(i));
      }
    }
    return String.join("\n", kept);
  }

  private void classify() {
    while (kinds.size() < lines.size()) {
      int i = kinds.size();
      var line = lines.get(i);
      if (line.isBlank()) {
        add(Kind.EMPTY, false);
      } else if (isQuote(i)) {
        add(Kind.QUOTE, false);
      } else {
        var attribution =
            ++attributionsTried > MAX_TRIED
                ? Optional.<Attribution>empty()
                : Attribution.at(lines, i);
        if (attribution.isEmpty()) {
          add(Kind.TEXT, false);
        }
        for (int n = attribution.map(Attribution::lines).orElse(0); n > 0; n--) {
          add(Kind.ATTRIBUTION, attribution.get().certain());
        }
      }
    }
  }

  private void add(Kind kind, boolean isCertain) {
    kinds.add(kind);
    certain.add(isCertain);
  }

  private boolean isQuote(int index) {
    var line = lines.get(index);
    if (QUOTE.matcher(line).matches()) {
      // An mbox file puts ">" before "From " at the beginning of the author's own line.
      return !(line.startsWith(">From ") && !hasNeighbour(index, QUOTE));
    }
    if (isRestOfQuote(index)) {
      return true;
    }
    return (BAR_QUOTE.matcher(line).matches() && hasNeighbour(index, BAR_QUOTE) && !isTable(index))
        || (NAMED_QUOTE.matcher(line).matches() && hasNeighbour(index, NAMED_QUOTE));
  }

  /**
   * What a transport broke off a quoted line that had grown too long: between two quoted lines,
   * going on in the middle of a sentence that could not hold one word more. Once that was seen, the
   * next lines of the same quote need only be as long.
   */
  private boolean isRestOfQuote(int index) {
    if (index == 0 || index + 1 >= lines.size() || !QUOTE.matcher(lines.get(index + 1)).matches()) {
      return false;
    }
    var above = lines.get(index - 1).stripTrailing();
    var line = lines.get(index);
    boolean goesOn =
        QUOTE.matcher(above).matches()
            && !line.isEmpty()
            && Character.isLowerCase(line.codePointAt(0));
    int word = line.indexOf(' ') < 0 ? line.length() : line.indexOf(' ');
    if (!goesOn || above.length() + 1 + word <= BROKEN_AT) {
      return false;
    }
    brokenQuotes |= ".?!:;)\"".indexOf(above.charAt(above.length() - 1)) < 0;
    return brokenQuotes;
  }

  /** Whether the line before or behind is of that form too. */
  private boolean hasNeighbour(int index, Pattern form) {
    return (index > 0 && form.matcher(lines.get(index - 1)).matches())
        || (index + 1 < lines.size() && form.matcher(lines.get(index + 1)).matches());
  }

  private boolean isTable(int index) {
    return lines.get(index).stripTrailing().endsWith("|") && lines.get(index).strip().length() > 1;
  }

  private boolean isForward() {
    for (int i = 0; i < lines.size(); i++) {
      if (kinds.get(i) == Kind.TEXT) {
        if (QuoteMarks.isForward(lines.get(i))) {
          return true;
        }
        if (QuoteMarks.isSeparator(lines.get(i))) {
          return false;
        }
      } else if (kinds.get(i) == Kind.ATTRIBUTION) {
        return false;
      }
    }
    return false;
  }

  /** Rule 1, and the same below an attribution whose quote has no marks. */
  private void cutEmbedded() {
    int lastQuote = lastQuote();
    boolean answeredBelow = lastQuote >= 0 && textBefore[end] - textBefore[lastQuote] > MAX_TAIL;
    boolean text = false;
    for (int i = 0; i < end; i++) {
      boolean embedded =
          switch (kinds.get(i)) {
            case TEXT ->
                QuoteMarks.isSeparator(lines.get(i)) || QuoteMarks.beginsHeaderBlock(lines, i);
            case ATTRIBUTION -> certain.get(i) && isFirstOfAttribution(i) && isFollowedByNoQuote(i);
            default -> false;
          };
      if (embedded && text && !(answeredBelow && i < lastQuote)) {
        end = i;
        quoteCut = true;
        return;
      }
      text |= kinds.get(i) == Kind.TEXT;
    }
  }

  private boolean isFirstOfAttribution(int index) {
    return index == 0 || kinds.get(index - 1) != Kind.ATTRIBUTION;
  }

  /** Whether the line that follows the attribution and empty lines is no quote. */
  private boolean isFollowedByNoQuote(int index) {
    return nextSaying[index] >= end || kinds.get(nextSaying[index]) != Kind.QUOTE;
  }

  /** The last quoted line; -1 if nothing is quoted. */
  private int lastQuote() {
    int last = end - 1;
    while (last >= 0 && kinds.get(last) != Kind.QUOTE) {
      last--;
    }
    return last;
  }

  /** Rule 2. */
  private void cutTrailingQuote(boolean answer) {
    if (!answer) {
      return;
    }
    int i = end;
    int quote = -1;
    while (i > start && (kinds.get(i - 1) == Kind.QUOTE || kinds.get(i - 1) == Kind.EMPTY)) {
      i--;
      quote = kinds.get(i) == Kind.QUOTE ? i : quote;
    }
    if (quote < 0) {
      return;
    }
    int cut = quote;
    int above = i;
    while (above > start && kinds.get(above - 1) == Kind.ATTRIBUTION) {
      above--;
      cut = above;
    }
    if (hasText(start, cut)) {
      end = cut;
      quoteCut = true;
    }
  }

  /** Rule 5. */
  private void cutSignature() {
    for (int i = end - 1; i > start; i--) {
      if (kinds.get(i) == Kind.QUOTE) {
        return;
      }
      var line = lines.get(i);
      boolean bare =
          QuoteMarks.isBareSignature(line)
              && kinds.get(i - 1) != Kind.TEXT
              && end - i - 1 <= MAX_SIGNATURE;
      if ((QuoteMarks.isSignature(line) || bare) && hasText(start, i)) {
        end = i;
        return;
      }
    }
  }

  /** Rule 6. */
  private void cutTail() {
    for (int i = Math.max(start + 1, end - MAX_FOOTER); i < end; i++) {
      // Below a quote a shorter line is no form to fill in but the mark of a signature.
      boolean footer =
          !hasQuote(i, end)
              && (QuoteMarks.isListFooter(lines.get(i))
                  || (QuoteMarks.isUnderscores(lines.get(i)) && standsBelowQuote(i)));
      if (footer && hasText(start, i)) {
        end = i;
      }
    }
    while (end > start + 1
        && (kinds.get(end - 1) == Kind.EMPTY
            || QuoteMarks.isRule(lines.get(end - 1))
            || QuoteMarks.isMobile(lines.get(end - 1)))) {
      if (kinds.get(end - 1) != Kind.EMPTY && !hasText(start, end - 1)) {
        return;
      }
      end--;
    }
  }

  private boolean standsBelowQuote(int index) {
    int above = index - 1;
    while (above > start && kinds.get(above) == Kind.EMPTY) {
      above--;
    }
    return above >= start && kinds.get(above) == Kind.QUOTE;
  }

  /**
   * Rule 3, where an attribution stands above. A leading quote without one was chosen by the author
   * and stays.
   */
  private void cutLeadingQuote() {
    int i = skip(Kind.EMPTY, start);
    int attribution = i;
    i = skip(Kind.ATTRIBUTION, i);
    if (i == attribution) {
      return;
    }
    i = skip(Kind.EMPTY, i);
    if (i >= end || kinds.get(i) != Kind.QUOTE) {
      return;
    }
    while (i < end && (kinds.get(i) == Kind.QUOTE || kinds.get(i) == Kind.EMPTY)) {
      i++;
    }
    if (hasText(i, end) && !hasQuote(i, end)) {
      start = i;
      quoteCut = true;
    }
  }

  private int skip(Kind kind, int index) {
    int i = index;
    while (i < end && kinds.get(i) == kind) {
      i++;
    }
    return i;
  }

  /** Rule 4: where quotes stay, what announces them goes; so does one above all text. */
  private boolean isNeedlessAttribution(int index) {
    return kinds.get(index) == Kind.ATTRIBUTION
        && (!isFollowedByNoQuote(index) || (certain.get(index) && !hasText(start, index)));
  }

  private boolean hasText(int from, int to) {
    return textBefore[to] > textBefore[from];
  }

  private boolean hasQuote(int from, int to) {
    return quotesBefore[to] > quotesBefore[from];
  }

  private int[] countsBefore(Kind kind) {
    var counts = new int[kinds.size() + 1];
    for (int i = 0; i < kinds.size(); i++) {
      counts[i + 1] = counts[i] + (kinds.get(i) == kind ? 1 : 0);
    }
    return counts;
  }

  private int[] nextSaying() {
    var next = new int[kinds.size()];
    for (int i = kinds.size() - 1; i >= 0; i--) {
      boolean says = kinds.get(i) == Kind.TEXT || kinds.get(i) == Kind.QUOTE;
      next[i] = says ? i : i + 1 < kinds.size() ? next[i + 1] : kinds.size();
    }
    return next;
  }
}
