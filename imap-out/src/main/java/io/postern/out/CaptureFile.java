package io.postern.out;

import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;

/**
 * A captured mail as a file that mail programs open: the envelope as trace fields in front, as
 * final delivery writes them (RFC 5321 §4.4), then the octets untouched.
 *
 * <pre>
 * Return-Path: &lt;0x…@bridge.example&gt;     or &lt;&gt;
 * Delivered-To: bob@example.org            one for each forward-path
 * X-Postern-Captured: 2026-11-25T10:00:00Z always the last of ours
 * </pre>
 */
record CaptureFile(Instant at, Envelope envelope, byte[] octets) {
  /** RFC 5321 §4.5.3.1.8 times a path, and room to spare. */
  static final int MAX_BLOCK = 64 * 1024;

  private static final String RETURN_PATH = "Return-Path: <";
  private static final String DELIVERED_TO = "Delivered-To: ";
  private static final String CAPTURED = "X-Postern-Captured: ";

  byte[] write() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(block());
    out.writeBytes(octets);
    return out.toByteArray();
  }

  /** What stands in front of the mail. */
  byte[] block() {
    var block = new StringBuilder();
    var reversePath = envelope.reversePath().map(Mailbox::toString).orElse("");
    block.append(RETURN_PATH).append(reversePath).append(">\r\n");
    for (var mailbox : envelope.forwardPaths()) {
      block.append(DELIVERED_TO).append(mailbox).append("\r\n");
    }
    block.append(CAPTURED).append(at).append("\r\n");
    return block.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param file all of it, or its first {@link #MAX_BLOCK} octets if only the envelope matters
   * @throws MailException 5.6.0 if it does not begin with an envelope
   */
  static CaptureFile read(byte[] file) throws MailException {
    int start = 0;
    Optional<Optional<Mailbox>> reversePath = Optional.empty();
    var forwardPaths = new ArrayList<Mailbox>();
    while (true) {
      int end = lineEnd(file, start);
      var line = new String(file, start, end - start, StandardCharsets.UTF_8);
      start = end + 2;
      if (reversePath.isEmpty() && line.startsWith(RETURN_PATH) && line.endsWith(">")) {
        var path = line.substring(RETURN_PATH.length(), line.length() - 1);
        reversePath =
            Optional.of(path.isEmpty() ? Optional.empty() : Optional.of(Mailbox.parse(path)));
      } else if (reversePath.isPresent() && line.startsWith(DELIVERED_TO)) {
        forwardPaths.add(Mailbox.parse(line.substring(DELIVERED_TO.length())));
      } else if (!forwardPaths.isEmpty() && line.startsWith(CAPTURED)) {
        var at = instant(line.substring(CAPTURED.length()));
        var octets = Arrays.copyOfRange(file, start, file.length);
        return new CaptureFile(at, new Envelope(reversePath.get(), forwardPaths), octets);
      } else {
        throw malformed("line \"" + ServerReply.clean(line, 60) + "\"");
      }
    }
  }

  private static int lineEnd(byte[] file, int from) throws MailException {
    int last = Math.min(file.length, MAX_BLOCK) - 1;
    for (int i = from; i < last; i++) {
      if (file[i] == '\r' && file[i + 1] == '\n') {
        return i;
      }
    }
    throw malformed("no end");
  }

  private static Instant instant(String text) throws MailException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException malformed) {
      throw new MailException("5.6.0", "not an instant in a captured mail", malformed);
    }
  }

  private static MailException malformed(String what) {
    return new MailException("5.6.0", "not the envelope of a captured mail: " + what);
  }
}
