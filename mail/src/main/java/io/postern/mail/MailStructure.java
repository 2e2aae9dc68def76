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

  MailHeader header() {
    return root.header();
  }

  /**
   * How many octets of it are held in memory while it is read on and translated: its headers, its
   * texts, the tree of one of them, what may be unpacked, and its smaller files.
   *
   * @param mostOfFile a file of more octets is not read
   */
  public long octetsToHold(int mostOfFile) {
    long texts = 0;
    long tree = 0;
    long packed = 0;
    long header = 0;
    long files = 0;
    for (var part : root.all().toList()) {
      header += part.header().octets();
      if (MailBody.mayBeText(part)) {
        texts += part.body().size();
        tree = Math.max(tree, part.is(MailPart.HTML) ? TREE * (long) part.body().size() : 0);
      } else if (MailBody.mayBePacked(part)) {
        packed += part.body().size();
      } else if (part.body().size() <= mostOfFile) {
        files += part.body().size();
      }
    }
    return header + Math.min(texts, MailBody.MAX_TEXTS) + tree + packed + files;
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
