package io.postern.mail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Chooses from a mail's structure what it says and which files it carries. {@code
 * spec/content-types.md} §10.6.
 */
final class MailBody {
  /** Longer texts, in octets, become files: nobody reads them, and HTML is costly to parse. */
  static final int MAX_PLAIN = MailPart.MAX_TEXT;

  static final int MAX_HTML = 1 << 20;

  /** The most of all texts of a mail together, in octets; what is beyond becomes files as well. */
  static final int MAX_TEXTS = 8 << 20;

  /** S/MIME inside S/MIME: signed, and signed again. */
  private static final int MAX_UNWRAPPED = 4;

  private static final String OPENPGP = "OpenPGP";

  private static final Set<String> IGNORED_ALTERNATIVES =
      Set.of("text/x-amp-html", "text/watch-html", "text/enriched");

  /** Fields by which chat clients over mail name a file that is their user's or group's picture. */
  private static final List<String> AVATARS = List.of("Chat-User-Avatar", "Chat-Group-Avatar");

  private static final Set<String> SIGNATURES =
      Set.of(
          "application/pgp-signature",
          "application/pkcs7-signature",
          "application/x-pkcs7-signature");

  private static final Set<String> SMIME =
      Set.of("application/pkcs7-mime", "application/x-pkcs7-mime");

  private static final Set<String> TNEF = Set.of("application/ms-tnef", "application/vnd.ms-tnef");

  private final List<Mail.Body> bodies = new ArrayList<>();

  /** What a {@code winmail.dat} says: mostly what the mail says beside it, too. */
  private final List<Mail.Body> unpacked = new ArrayList<>();

  private final MailFiles files = new MailFiles();
  private String encryption = "";
  private Optional<DeliveryReport> report = Optional.empty();
  private Optional<DispositionReceipt> receipt = Optional.empty();

  private final Unpacking unpacking;
  private int unwrapped;

  private MailBody(Unpacking unpacking, int unwrapped) {
    this.unpacking = unpacking;
    this.unwrapped = unwrapped;
  }

  static Mail select(MailPart root, Unpacking unpacking) throws MailException {
    var body = new MailBody(unpacking, 0);
    body.root(root);
    if (body.bodies.stream().noneMatch(MailBody::says)) {
      body.bodies.addAll(body.unpacked);
    }
    root.all()
        .flatMap(part -> AVATARS.stream().flatMap(field -> part.header().all(field).stream()))
        .forEach(name -> body.files.remove(name.strip()));
    return new Mail(
        root.header(),
        body.bodies,
        body.files.notes(),
        body.files.all(),
        EmojiReaction.read(root),
        body.report,
        body.receipt,
        body.encryption);
  }

  private static boolean says(Mail.Body body) {
    return body.html().isPresent() || body.plain().filter(BodyText::isVisible).isPresent();
  }

  private void root(MailPart root) throws MailException {
    if (root.is("multipart/report")) {
      report = DeliveryReport.read(root);
      receipt = DispositionReceipt.read(root);
      if (report.isPresent() || receipt.isPresent()) {
        // What the machine says to people; the other parts are understood already.
        var said = root.children().get(0);
        if (DeliveryReport.isStatus(said)) {
          text(said);
        } else {
          visit(said);
        }
        return;
      }
    }
    if (root.isShownAlone()) {
      text(root);
    } else {
      visit(root);
    }
  }

  private void visit(MailPart part) throws MailException {
    switch (part.mediaType()) {
      case "multipart/alternative" -> alternative(part);
      case "multipart/related" -> related(part);
      case "multipart/signed" -> signed(part);
      case "multipart/encrypted" -> encrypted(part);
      case "multipart/appledouble" -> visitAll(dataFork(part.children()));
      case "message/partial" ->
          throw new MailException(
              "5.6.1", "the mail is one fragment of several (message/partial); send it whole");
      case "message/external-body" -> external(part);
      case "application/pgp-encrypted" -> pgpControl(part);
      case MailPart.REACTION_JSON -> {
        if (part.isFile()) {
          files.add(part, false);
        }
      }
      default -> {
        if (part.isMultipart()) {
          visitAll(part.children());
        } else if (SMIME.contains(part.mediaType())) {
          smime(part);
        } else if (TNEF.contains(part.mediaType())) {
          tnef(part);
        } else {
          leaf(part);
        }
      }
    }
  }

  private void visitAll(List<MailPart> parts) throws MailException {
    for (var part : parts) {
      visit(part);
    }
  }

  private void leaf(MailPart part) throws MailException {
    if (part.isForwardedMail()) {
      files.addMail(part);
    } else if (part.is(FileType.OCTET_STREAM) && Tnef.isTnef(part.body())) {
      tnef(part);
    } else if (part.is(FileType.OCTET_STREAM) && isNamedSmime(part) && isUnpackable(part)) {
      namedSmime(part);
    } else if (part.isShown()) {
      text(part);
    } else {
      file(part);
    }
  }

  private void file(MailPart part) {
    files.add(part, part.disposition().value().equals("inline"));
  }

  private void text(MailPart part) {
    if (isTooLong(part) || !unpacking.takeText(part.body().size())) {
      files.add(part, false);
      return;
    }
    var text = part.text();
    if (part.is(MailPart.HTML)) {
      bodies.add(Mail.Body.html(text));
      return;
    }
    var encrypted = PgpArmour.encrypted(text);
    encrypted.ifPresent(
        inside -> {
          encryption = OPENPGP;
          var octets = inside.armour().getBytes(StandardCharsets.UTF_8);
          files.add(Attachment.of(MailFiles.ENCRYPTED, FileType.OCTET_STREAM, octets));
        });
    var said = encrypted.map(PgpArmour.Encrypted::around).orElse(text);
    if (encrypted.isEmpty() || BodyText.isVisible(said)) {
      bodies.add(Mail.Body.plain(said));
    }
  }

  /** RFC 2046 §5.1.4: the parts say the same; files may hide in any of them. */
  private void alternative(MailPart part) throws MailException {
    Optional<String> plain = Optional.empty();
    var pages = List.<Mail.Body>of();
    for (var child : part.children()) {
      if (IGNORED_ALTERNATIVES.contains(child.mediaType())) {
        continue;
      }
      var branch = new MailBody(unpacking, unwrapped);
      branch.visit(child);
      files.addAll(branch.files);
      unpacked.addAll(branch.unpacked);
      encryption = encryption.isEmpty() ? branch.encryption : encryption;
      plain = plain.or(() -> plainOf(branch.bodies));
      if (pages.isEmpty() && branch.bodies.stream().anyMatch(body -> body.html().isPresent())) {
        pages = branch.bodies;
      }
    }
    var html = pages.stream().flatMap(body -> body.html().stream()).toList();
    if (html.stream().mapToLong(String::length).sum() > MAX_HTML) {
      bodies.addAll(pages); // Too much for one page: each is parsed on its own.
    } else if (plain.isPresent() || !html.isEmpty()) {
      var page = Optional.of(String.join("<br>\n", html)).filter(joined -> !html.isEmpty());
      bodies.add(new Mail.Body(plain, page));
    }
  }

  /** The plain form of all that one alternative says; empty if a part of it has none. */
  private static Optional<String> plainOf(List<Mail.Body> bodies) {
    var texts = bodies.stream().map(Mail.Body::plain).toList();
    return texts.isEmpty() || texts.stream().anyMatch(Optional::isEmpty)
        ? Optional.empty()
        : Optional.of(texts.stream().flatMap(Optional::stream).collect(Collectors.joining("\n\n")));
  }

  /** RFC 2387: a root, and what it refers to. */
  private void related(MailPart part) throws MailException {
    if (part.children().isEmpty()) {
      return;
    }
    var start = part.type().parameter("start").replaceAll("^<|>$", "");
    var root =
        part.children().stream()
            .filter(child -> !start.isEmpty() && child.contentId().equals(Optional.of(start)))
            .findFirst()
            .orElse(part.children().get(0));
    visit(root);
    for (var child : part.children()) {
      if (child == root) {
        continue;
      }
      if (child.isMultipart() || child.isForwardedMail()) {
        visit(child);
      } else {
        files.add(child, !child.disposition().value().equals("attachment"));
      }
    }
  }

  /** RFC 1847 §2.1: the first part is what was signed, the second the signature. */
  private void signed(MailPart part) throws MailException {
    var protocol = part.type().parameter("protocol").toLowerCase(Locale.ROOT);
    for (var child : part.children()) {
      if (!SIGNATURES.contains(child.mediaType()) && !child.is(protocol)) {
        visit(child);
      }
    }
  }

  /** RFC 1847 §2.2: the first part only says how the second is encrypted. */
  private void encrypted(MailPart part) {
    encryption =
        part.type().parameter("protocol").toLowerCase(Locale.ROOT).contains("pgp")
            ? OPENPGP
            : "a method unknown here";
    part.children().stream()
        .skip(1)
        .filter(child -> !child.isMultipart())
        .forEach(files::addEncrypted);
  }

  /** RFC 3156 §4, outside its multipart/encrypted: Exchange takes that apart. */
  private void pgpControl(MailPart part) {
    encryption = OPENPGP;
    if (!part.text().stripLeading().startsWith("Version:")) {
      files.add(part, false);
    }
  }

  static boolean isTooLong(MailPart part) {
    return part.body().size() > (part.is(MailPart.HTML) ? MAX_HTML : MAX_PLAIN);
  }

  /** Whether it is looked through whole, and may be unpacked, by its type, name or beginning. */
  static boolean mayBePacked(MailPart part) {
    return isUnpackable(part)
        && (SMIME.contains(part.mediaType())
            || TNEF.contains(part.mediaType())
            || part.is(FileType.OCTET_STREAM) && (isNamedSmime(part) || Tnef.isTnef(part.body())));
  }

  /** How many octets may come out of what may be packed, other than copies of its own. */
  static long mostUnpacked(MailPart part) {
    return Tnef.isTnef(part.body()) ? Tnef.mostUnpacked(part.body()) : 0;
  }

  /** More cannot come out of a mail, so it is not even looked through. */
  private static boolean isUnpackable(MailPart part) {
    return part.body().size() <= Unpacking.MAX_OCTETS;
  }

  private static boolean isNamedSmime(MailPart part) {
    return part.filename().toLowerCase(Locale.ROOT).endsWith(".p7m");
  }

  /** Sent by clients that do not know the type of their own file. */
  private void namedSmime(MailPart part) throws MailException {
    var octets = part.octets();
    if (Cms.isSigned(octets) || Cms.isEncrypted(octets)) {
      smime(part, octets);
    } else {
      file(part);
    }
  }

  /**
   * RFC 8551 §3.5.2: what is only signed is unwrapped; else the type that it has says what it is.
   */
  private void smime(MailPart part) throws MailException {
    if (!isUnpackable(part)) {
      if (declaredSmime(part).endsWith("enveloped-data")) {
        encryption = "S/MIME";
      }
      files.add(part, false);
      return;
    }
    smime(part, part.octets());
  }

  private void smime(MailPart part, byte[] octets) throws MailException {
    var inside = Optional.<MailPart>empty();
    if (unwrapped < MAX_UNWRAPPED) {
      inside = Cms.signedContent(octets).flatMap(this::entity);
    }
    if (inside.isPresent()) {
      unwrapped++;
      visit(inside.get());
      unwrapped--;
      return;
    }
    var declared = declaredSmime(part);
    boolean hidden =
        declared.isEmpty() ? !Cms.isSigned(octets) : declared.endsWith("enveloped-data");
    if (hidden || Cms.isEncrypted(octets)) {
      encryption = "S/MIME";
    }
    files.add(part, false);
  }

  private static String declaredSmime(MailPart part) {
    return part.type().parameter("smime-type").toLowerCase(Locale.ROOT);
  }

  /** Empty if what was signed is no part of a mail that can be shown, or too much of one. */
  private Optional<MailPart> entity(byte[] octets) {
    try {
      unpacking.take(octets.length);
      return Optional.of(MailReader.structure(octets, unpacking))
          .filter(part -> part.all().noneMatch(child -> child.is("message/partial")));
    } catch (MailException unreadable) {
      return Optional.empty();
    }
  }

  /** RFC 1740: the resource fork, then the data that other systems want. */
  private static List<MailPart> dataFork(List<MailPart> children) {
    return children.stream().filter(child -> !child.is("application/applefile")).toList();
  }

  /** RFC 2046 §5.2.3, RFC 2017: a body that is to be fetched. We tell of it, and never fetch. */
  private void external(MailPart part) {
    var url = part.type().parameter("url").replaceAll("\\s", "");
    var name = FileName.clean(part.filename(), "A file");
    files.note(
        url.toLowerCase(Locale.ROOT).startsWith("https://")
            ? "📎 " + SafeText.line(url, 2000)
            : "📎 " + name + " is kept elsewhere and was not fetched");
  }

  /** MS-OXTNEF, {@code winmail.dat}. What cannot be unpacked whole stays a file. */
  private void tnef(MailPart part) {
    if (!isUnpackable(part)) {
      files.add(part, false);
      return;
    }
    try {
      var message = Tnef.read(part.octets(), unpacking);
      var mails = new ArrayList<byte[]>();
      for (var embedded : message.embedded()) {
        mails.add(embedded.toMail(unpacking));
      }
      message.body().ifPresent(body -> unpacked.add(body));
      message.files().forEach(files::add);
      mails.forEach(files::addMail);
    } catch (MailException damagedOrTooLarge) {
      files.add(part, false);
    }
  }
}
