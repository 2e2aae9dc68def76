package io.postern.mail.auth;

import io.postern.mail.MailException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the signatures of a mail are checked against: its header as it stands, and the hashes of its
 * body. The mail is read once, whatever number of signatures it bears, and its body is not kept.
 */
public final class SignedMail {
  /** Octets of a header; a mail whose header is larger is not read. */
  public static final int MAX_HEADER = 1024 * 1024;

  private static final int BUFFER = 64 * 1024;

  private final List<RawField> fields;
  private final Map<Canonicalization, byte[]> hashes = new EnumMap<>(Canonicalization.class);
  private final Map<Canonicalization, Long> lengths = new EnumMap<>(Canonicalization.class);

  private SignedMail(List<RawField> fields) {
    this.fields = fields;
  }

  /**
   * Reads a mail to its end.
   *
   * @param in the octets of a mail, whose lines end with CR LF
   * @throws MailException 5.3.4 if its header is larger than {@link #MAX_HEADER}
   */
  public static SignedMail read(InputStream in) throws IOException, MailException {
    return new Reading(in).read(Optional.empty());
  }

  /** Reads a mail to its end, and hashes its body in this form, signed or not. */
  static SignedMail read(InputStream in, Canonicalization body) throws IOException, MailException {
    return new Reading(in).read(Optional.of(body));
  }

  /** The fields of the header from top to bottom. */
  List<RawField> fields() {
    return fields;
  }

  /**
   * The fields of that name from top to bottom.
   *
   * @param name in lower case
   */
  List<RawField> fields(String name) {
    return fields.stream().filter(field -> field.name().equals(name)).toList();
  }

  byte[] bodyHash(Canonicalization form) {
    return hashes.get(form);
  }

  /** Octets of the body in this form. */
  long bodyLength(Canonicalization form) {
    return lengths.get(form);
  }

  /**
   * The fields that {@code h=} covers, in its order: of each name the last first; a name that no
   * field is left for covers none. RFC 6376 §5.4.2.
   */
  List<RawField> covered(List<String> names) {
    Map<String, List<RawField>> left = new HashMap<>();
    for (var field : fields) {
      left.computeIfAbsent(field.name(), name -> new ArrayList<>()).add(field);
    }
    var covered = new ArrayList<RawField>();
    for (var name : names) {
      var rest = left.getOrDefault(name, List.of());
      if (!rest.isEmpty()) {
        covered.add(rest.remove(rest.size() - 1));
      }
    }
    return Collections.unmodifiableList(covered);
  }

  /** The reading of one mail. */
  private static final class Reading {
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;

    Reading(InputStream in) {
      this.in = in;
    }

    SignedMail read(Optional<Canonicalization> wanted) throws IOException, MailException {
      var mail = new SignedMail(fieldsOf(header()));
      var forms = EnumSet.noneOf(Canonicalization.class);
      wanted.ifPresent(forms::add);
      forms.addAll(formsOfSignatures(mail));
      var bodies = forms.stream().map(BodyHash::new).toList();
      do {
        for (var body : bodies) {
          body.update(buffer, at, end - at);
        }
      } while (fill());
      for (var body : bodies) {
        mail.hashes.put(body.form(), body.finish());
        mail.lengths.put(body.form(), body.length());
      }
      return mail;
    }

    /** Up to and with the empty line that ends it; what follows stays in the buffer. */
    private String header() throws IOException, MailException {
      var header = new ByteArrayOutputStream();
      int lineOctets = 0;
      byte last = 0;
      while (at < end || fill()) {
        byte octet = buffer[at++];
        header.write(octet);
        if (header.size() > MAX_HEADER) {
          throw new MailException("5.3.4", "the header of the mail is larger than 1 MiB");
        }
        lineOctets++;
        if (octet == '\n' && last == '\r') {
          if (lineOctets == 2) {
            break;
          }
          lineOctets = 0;
        }
        last = octet;
      }
      return header.toString(StandardCharsets.ISO_8859_1);
    }

    private boolean fill() throws IOException {
      at = 0;
      end = Math.max(0, in.read(buffer));
      return end > 0;
    }

    private static List<RawField> fieldsOf(String header) {
      var fields = new ArrayList<RawField>();
      int start = 0;
      while (start < header.length()) {
        int stop = header.indexOf("\r\n", start);
        while (stop >= 0 && continues(header, stop + 2)) {
          stop = header.indexOf("\r\n", stop + 2);
        }
        stop = stop < 0 ? header.length() : stop;
        if (stop > start) {
          fields.add(RawField.of(header.substring(start, stop)));
        }
        start = stop + 2;
      }
      return Collections.unmodifiableList(fields);
    }

    private static boolean continues(String header, int line) {
      return line < header.length() && (header.charAt(line) == ' ' || header.charAt(line) == '\t');
    }

    private static Set<Canonicalization> formsOfSignatures(SignedMail mail) {
      var forms = EnumSet.noneOf(Canonicalization.class);
      for (var field : mail.fields) {
        boolean isSignature =
            field.name().equals("dkim-signature") || field.name().equals("arc-message-signature");
        if (isSignature) {
          // Of a signature that cannot be read no hash is asked; which one is not worth knowing.
          TagList.parse(field.value())
              .map(tags -> tags.get("c").orElse("simple").endsWith("/relaxed"))
              .map(relaxed -> relaxed ? Canonicalization.RELAXED : Canonicalization.SIMPLE)
              .ifPresent(forms::add);
        }
      }
      return forms;
    }
  }
}
