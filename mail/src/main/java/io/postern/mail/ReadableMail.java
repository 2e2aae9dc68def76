package io.postern.mail;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a mail says to people, ready to become a message: its text without what was quoted, its
 * files, or the reaction or report that it is. {@code spec/content-types.md} §10.6 to §10.8.
 *
 * @param text without the subject; empty if the mail says nothing
 * @param whole the text before quotes and signature were taken out
 * @param quoteCut whether more than a signature was taken out
 * @param files in their order, without the pictures of what was taken out of the text
 * @param pictures those of the files that the text itself shows, by their content ids; none of a
 *     forward
 * @param reaction if it is one; the text is what to show if its target is not known
 */
public record ReadableMail(
    String text,
    String whole,
    boolean quoteCut,
    List<Attachment> files,
    List<Picture> pictures,
    Optional<EmojiReaction> reaction,
    Optional<DeliveryReport> report,
    Optional<DispositionReceipt> receipt) {
  /**
   * A file that the mail's HTML shows.
   *
   * @param place what stands for it in the text
   */
  public record Picture(Attachment file, String place) {
    public Picture {
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(place, "place");
    }
  }

  /** A plain form of less than a tenth of the HTML's text is a stub ... */
  private static final int STUB_SHARE = 10;

  /** ... if the HTML says more than this many characters. */
  private static final int STUB_MINIMUM = 400;

  public ReadableMail {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(whole, "whole");
    files = List.copyOf(files);
    pictures = List.copyOf(pictures);
    Objects.requireNonNull(reaction, "reaction");
    Objects.requireNonNull(report, "report");
    Objects.requireNonNull(receipt, "receipt");
  }

  /** Reads a mail as an answer if its header says so. */
  public static ReadableMail of(Mail mail) {
    return of(mail, mail.isAnswer());
  }

  /**
   * @param answer whether it answers another mail, so that quotes may go; a forward keeps them
   *     whatever is said here
   */
  public static ReadableMail of(Mail mail, boolean answer) {
    var reading = new Reading(mail, answer);
    mail.bodies().forEach(reading::add);
    var own = reading.own();
    return new ReadableMail(
        withNotes(own.text(), mail),
        withNotes(joined(reading.whole), mail),
        own.quoteCut(),
        reading.forward ? mail.attachments() : reading.images.worthwhile(mail.attachments()),
        reading.forward ? List.of() : reading.images.shown(mail.attachments()),
        mail.reaction(),
        mail.report(),
        mail.receipt());
  }

  /** The bodies of one mail, read one after the other; each HTML is parsed once. */
  private static final class Reading {
    private final Map<String, String> imageNames;
    private final boolean answer;
    private final boolean forward;
    private final boolean withFiles;
    private final List<String> whole = new ArrayList<>();
    private final List<String> own = new ArrayList<>();
    private boolean quoteCut;
    private final InlineImages images = new InlineImages();

    Reading(Mail mail, boolean answer) {
      this.imageNames = imageNames(mail.attachments());
      this.answer = answer;
      this.forward = mail.baseSubject().forward();
      this.withFiles = !mail.attachments().isEmpty();
    }

    void add(Mail.Body body) {
      var plain = LinkWrapper.unwrapAll(PgpArmour.withoutSignature(body.plain().orElse("")));
      var html = "";
      var withoutQuotes = "";
      boolean htmlCut = false;
      if (body.html().isPresent()) {
        var document = HtmlText.parse(body.html().get());
        html = HtmlText.write(document, false, imageNames);
        images.lookAtAll(document);
        htmlCut = QuotedHtml.remove(document, answer);
        images.lookAtKept(document);
        withoutQuotes = HtmlText.write(document, false, imageNames);
      }
      boolean usePlain = body.html().isEmpty() || isWorthReading(plain, html);
      whole.add(usePlain ? BodyText.tidy(plain) : html);
      boolean useCut = !usePlain && BodyText.isVisible(withoutQuotes);
      quoteCut |= useCut && htmlCut;
      own.add(usePlain ? plain : useCut ? withoutQuotes : html);
    }

    QuotedText.Own own() {
      if (forward) {
        return new QuotedText.Own(joined(whole), false);
      }
      var said = joined(own);
      if (withFiles && QuotedText.isOnlySignature(said)) {
        return new QuotedText.Own("", quoteCut);
      }
      var cut = QuotedText.own(said, answer);
      return new QuotedText.Own(cut.text(), cut.quoteCut() || quoteCut);
    }
  }

  /**
   * The same without some of its pictures, and without the lines of the text that only stand for
   * them. The whole text keeps them.
   */
  public ReadableMail without(Collection<Picture> gone) {
    var places = new HashSet<String>();
    var lost = new HashSet<Attachment>();
    for (var picture : gone) {
      lost.add(picture.file());
      places.add(picture.place());
      picture.file().contentId().ifPresent(id -> places.add("[cid:" + id + "]"));
    }
    var kept =
        text.lines()
            .filter(line -> !places.contains(line.strip()))
            .collect(Collectors.joining("\n"));
    return new ReadableMail(
        BodyText.tidy(kept),
        whole,
        quoteCut,
        files.stream().filter(file -> !lost.contains(file)).toList(),
        pictures.stream().filter(picture -> !lost.contains(picture.file())).toList(),
        reaction,
        report,
        receipt);
  }

  /** Whether the mail says nothing at all. */
  public boolean isEmpty() {
    return text.isEmpty() && files.isEmpty();
  }

  private static boolean isWorthReading(String plain, String html) {
    var visible = plain.strip();
    return BodyText.isVisible(visible)
        && (html.length() <= STUB_MINIMUM || visible.length() * STUB_SHARE >= html.length());
  }

  private static String joined(List<String> texts) {
    return texts.stream().filter(BodyText::isVisible).collect(Collectors.joining("\n\n"));
  }

  private static String withNotes(String text, Mail mail) {
    var all = new ArrayList<String>();
    if (!mail.encryption().isEmpty()) {
      all.add(
          "🔒 This message is encrypted with " + mail.encryption() + " and cannot be read here.");
    }
    if (!text.isEmpty()) {
      all.add(text);
    }
    all.addAll(mail.notes());
    return String.join("\n\n", all);
  }

  private static Map<String, String> imageNames(List<Attachment> files) {
    var names = new HashMap<String, String>();
    files.forEach(file -> file.contentId().ifPresent(id -> names.put(id, file.filename())));
    return names;
  }
}
