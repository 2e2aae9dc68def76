package io.postern.mail;

import java.util.ArrayList;
import java.util.List;
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
  private int start;
  private int end;

  private QuotedText(List<String> lines) {
    this.lines = lines;
    end = lines.size();
    classify();
  }

  /**
   * The text without quotes and signature; the whole text if nothing visible would remain.
   *
   * @param text with LF line ends
   * @param answer whether the mail answers another one; if not, only the signature, what a program
   *     says about itself and the footer of a list go
   */
  public static String cut(String text, boolean answer) {
    var quoted = new QuotedText(List.of(text.split("\n", -1)));
    var result = BodyText.tidy(quoted.cut(answer));
    return BodyText.isVisible(result) ? result : BodyText.tidy(text);
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
        var attribution = Attribution.at(lines, i);
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
    return (BAR_QUOTE.matcher(line).matches() && hasNeighbour(index, BAR_QUOTE) && !isTable(index))
        || (NAMED_QUOTE.matcher(line).matches() && hasNeighbour(index, NAMED_QUOTE));
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
    boolean text = false;
    for (int i = 0; i < end; i++) {
      boolean embedded =
          switch (kinds.get(i)) {
            case TEXT ->
                QuoteMarks.isSeparator(lines.get(i)) || QuoteMarks.beginsHeaderBlock(lines, i);
            case ATTRIBUTION ->
                certain.get(i) && isFirstOfAttribution(i) && nextIsNo(Kind.QUOTE, i);
            default -> false;
          };
      if (embedded && text && !isAnsweredBelow(i)) {
        end = i;
        return;
      }
      text |= kinds.get(i) == Kind.TEXT;
    }
  }

  private boolean isFirstOfAttribution(int index) {
    return index == 0 || kinds.get(index - 1) != Kind.ATTRIBUTION;
  }

  /** Whether the line that follows the attribution and empty lines is of another kind. */
  private boolean nextIsNo(Kind kind, int index) {
    int i = index;
    while (i < end && (kinds.get(i) == Kind.ATTRIBUTION || kinds.get(i) == Kind.EMPTY)) {
      i++;
    }
    return i >= end || kinds.get(i) != kind;
  }

  private boolean isAnsweredBelow(int index) {
    int lastQuote = -1;
    int text = 0;
    for (int i = index; i < end; i++) {
      if (kinds.get(i) == Kind.QUOTE) {
        lastQuote = i;
        text = 0;
      } else if (kinds.get(i) == Kind.TEXT) {
        text++;
      }
    }
    return lastQuote >= 0 && text > MAX_TAIL;
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
      boolean footer = QuoteMarks.isListFooter(lines.get(i)) && !hasKind(Kind.QUOTE, i, end);
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
    if (hasText(i, end) && !hasKind(Kind.QUOTE, i, end)) {
      start = i;
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
        && (!nextIsNo(Kind.QUOTE, index) || (certain.get(index) && !hasText(start, index)));
  }

  private boolean hasText(int from, int to) {
    return hasKind(Kind.TEXT, from, to);
  }

  private boolean hasKind(Kind kind, int from, int to) {
    for (int i = from; i < to; i++) {
      if (kinds.get(i) == kind) {
        return true;
      }
    }
    return false;
  }
}
