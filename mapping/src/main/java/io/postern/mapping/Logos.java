package io.postern.mapping;

import io.postern.mail.ReadableMail;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The small pictures that a mail's text shows: what the signatures of a company hold, and what
 * comes with each of its mails. spec/content-types.md §10.6, "inline image".
 */
public final class Logos {
  /** A larger picture is none of a signature; who sends one twice means it. In octets. */
  public static final int MAX_OCTETS = 64 << 10;

  private static final int MAX_LOGOS = 100;

  private Logos() {}

  /** By which the small pictures of a mail are known again. */
  public static Set<String> keys(ReadableMail mail) {
    return small(mail)
        .map(picture -> picture.file().digest())
        .limit(MAX_LOGOS)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Those of a mail that are known. */
  static List<ReadableMail.Picture> known(ReadableMail mail, Set<String> keys) {
    return small(mail).filter(picture -> keys.contains(picture.file().digest())).toList();
  }

  private static Stream<ReadableMail.Picture> small(ReadableMail mail) {
    return mail.pictures().stream().filter(picture -> picture.file().size() <= MAX_OCTETS);
  }
}
