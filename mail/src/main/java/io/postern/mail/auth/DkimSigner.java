package io.postern.mail.auth;

import io.postern.mail.AddressList;
import io.postern.mail.MailException;
import io.postern.mail.NamedMailbox;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Signs the final octets of a mail in the name of its author's domain: once with each key of that
 * domain, so that whoever does not know Ed25519 finds an RSA signature. RFC 6376 §5, RFC 8463.
 */
public final class DkimSigner {
  /**
   * Covered once more than they stand there, so that nobody can add one: what is read first by a
   * person, and what says how the body is to be read. RFC 6376 §5.4.1, §8.15.
   */
  private static final List<String> OVERSIGNED =
      List.of(
          "From",
          "Sender",
          "Reply-To",
          "To",
          "Cc",
          "Subject",
          "Date",
          "Message-ID",
          "In-Reply-To",
          "References",
          "MIME-Version",
          "Content-Type",
          "Content-Transfer-Encoding",
          "Content-Disposition");

  private static final int LINE = 76;

  private final List<Signature> signatures;
  private final Canonicalization header;
  private final Canonicalization body;

  /**
   * A key and where its public half is published.
   *
   * @param domain {@code d=}, lower-case
   * @param selector {@code s=}
   */
  public record Signature(String domain, String selector, SigningKey key) {
    public Signature {
      domain = domain.toLowerCase(Locale.ROOT);
      Objects.requireNonNull(selector, "selector");
      Objects.requireNonNull(key, "key");
    }
  }

  /**
   * @param signatures of any number of domains; each mail gets those of its author's
   */
  public DkimSigner(List<Signature> signatures) {
    this(signatures, Canonicalization.RELAXED, Canonicalization.RELAXED);
  }

  DkimSigner(List<Signature> signatures, Canonicalization header, Canonicalization body) {
    this.signatures = List.copyOf(signatures);
    this.header = header;
    this.body = body;
  }

  /**
   * The mail with its signatures on top; as it was if its author's domain has no key here.
   *
   * @param mail the very octets that leave, lines ended by CR LF
   * @throws IllegalArgumentException if it has no header of a size that others take, or not one
   *     From
   */
  public byte[] sign(byte[] mail, Instant at) {
    var read = read(mail);
    var domain = authorDomain(read);
    var fields = new StringBuilder();
    for (var signature : signatures) {
      if (signature.domain().equals(domain)) {
        fields.append(field(read, signature, at)).append("\r\n");
      }
    }
    var top = fields.toString().getBytes(StandardCharsets.ISO_8859_1);
    var signed = new byte[top.length + mail.length];
    System.arraycopy(top, 0, signed, 0, top.length);
    System.arraycopy(mail, 0, signed, top.length, mail.length);
    return signed;
  }

  private SignedMail read(byte[] mail) {
    try {
      return SignedMail.read(new ByteArrayInputStream(mail), body);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    } catch (MailException tooLarge) {
      throw new IllegalArgumentException(tooLarge.advice(), tooLarge);
    }
  }

  private static String authorDomain(SignedMail mail) {
    var authors = new ArrayList<NamedMailbox>();
    for (var field : mail.fields("from")) {
      authors.addAll(AddressList.parse(field.unfolded()));
    }
    if (authors.size() != 1) {
      throw new IllegalArgumentException("a mail of ours has one author");
    }
    return authors.get(0).mailbox().domain();
  }

  private String field(SignedMail mail, Signature signature, Instant at) {
    var names = names(mail);
    var text = new StringBuilder("DKIM-Signature: v=1; a=").append(signature.key().algorithm());
    text.append("; c=").append(form(header)).append('/').append(form(body)).append(";\r\n");
    text.append("\td=").append(signature.domain());
    text.append("; s=").append(signature.selector());
    text.append("; t=").append(at.getEpochSecond()).append(";\r\n");
    text.append("\th=").append(folded(names)).append(";\r\n");
    text.append("\tbh=").append(Base64.getEncoder().encodeToString(mail.bodyHash(body)));
    text.append(";\r\n\tb=");
    var data = new StringBuilder();
    for (var field : mail.covered(lower(names))) {
      data.append(header.field(field)).append("\r\n");
    }
    data.append(header.field(RawField.of(text.toString())));
    var octets = signature.key().sign(data.toString().getBytes(StandardCharsets.ISO_8859_1));
    return text.append(folded(Base64.getEncoder().encodeToString(octets))).toString();
  }

  private static List<String> names(SignedMail mail) {
    var names = new ArrayList<String>();
    for (var name : OVERSIGNED) {
      for (int i = mail.fields(name.toLowerCase(Locale.ROOT)).size(); i >= 0; i--) {
        names.add(name);
      }
    }
    return names;
  }

  private static List<String> lower(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  private static String form(Canonicalization canonicalization) {
    return canonicalization.name().toLowerCase(Locale.ROOT);
  }

  private static String folded(List<String> names) {
    var out = new StringBuilder();
    int column = "\th=".length();
    for (int i = 0; i < names.size(); i++) {
      var name = names.get(i) + (i + 1 < names.size() ? ":" : "");
      if (column + name.length() > LINE) {
        out.append("\r\n\t ");
        column = "\t ".length();
      }
      out.append(name);
      column += name.length();
    }
    return out.toString();
  }

  private static String folded(String base64) {
    var out = new StringBuilder();
    int width = LINE - "\tb=".length();
    for (int start = 0; start < base64.length(); start += width) {
      out.append(start > 0 ? "\r\n\t " : "");
      out.append(base64, start, Math.min(base64.length(), start + width));
    }
    return out.toString();
  }
}
