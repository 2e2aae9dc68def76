package io.postern.mail;

import java.util.Objects;

/**
 * A mail taken apart, before it is chosen what it says and which files it carries. Its bodies lie
 * where their {@link BodyStore} has put them.
 */
public final class MailStructure {
  /** The tree of a page of HTML takes so much more than its octets. */
  private static final int TREE = 3;

  private final MailPart root;
  private final Unpacking unpacking;

  MailStructure(MailPart root, Unpacking unpacking) {
    this.root = Objects.requireNonNull(root, "root");
    this.unpacking = Objects.requireNonNull(unpacking, "unpacking");
  }

  /**
   * How many octets of it are held in memory while it is read on and translated, at most: its
   * headers, its texts, the tree of a page, what may be unpacked, and its smaller files. A smaller
   * text is held whether it is shown or, being too much beside the others, a file.
   *
   * @param mostOfFile a file of more octets is not read
   */
  public long octetsToHold(int mostOfFile) {
    long headers = 0;
    long texts = 0;
    long html = 0;
    long packed = 0;
    long files = 0;
    for (var part : root.all().toList()) {
      int size = part.body().size();
      headers += part.header().octets();
      boolean isText = isShown(part) && !MailBody.isTooLong(part);
      html += isText && part.is(MailPart.HTML) ? size : 0;
      if (isText && size > mostOfFile) {
        texts += size;
      } else if (MailBody.mayBePacked(part)) {
        packed += Math.max(size, MailBody.mostUnpacked(part));
      } else if (size <= mostOfFile) {
        files += size;
      }
    }
    // One document at a time; several pages may become one of at most so much. What is packed may
    // be a page, too.
    long tree = TREE * Math.min(html + packed, MailBody.MAX_HTML);
    return headers + Math.min(texts, MailBody.MAX_TEXTS) + tree + packed + files;
  }

  /** Whether it is a text to be read, which in a report may be the one for machines. */
  private boolean isShown(MailPart part) {
    boolean isSaid =
        root.is("multipart/report")
            && DeliveryReport.isStatus(part)
            && part == root.children().get(0);
    return isSaid || (part == root ? part.isShownAlone() : part.isShown());
  }

  /**
   * Reads on.
   *
   * @throws MailException 5.6.1 if it is a fragment (message/partial)
   */
  public Mail mail() throws MailException {
    return MailBody.select(root, unpacking);
  }
}
