package io.postern.mail;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.stream.RecursionMode;
import org.apache.james.mime4j.util.ByteSequence;

/**
 * Reads the octets of a mail. RFC 5322 and RFC 2045 to 2049, as leniently as mail clients do:
 * mime4j takes the structure apart, the limits below bound it.
 */
public final class MailReader {
  /** The largest mail, in octets. */
  public static final int MAX_OCTETS = 64 << 20;

  /** The deepest nesting of multiparts, {@code spec/content-types.md} §10.6. */
  public static final int MAX_DEPTH = 20;

  /** The most parts, those inside S/MIME and TNEF included, {@code spec/content-types.md} §10.6. */
  public static final int MAX_PARTS = 500;

  /** So much of all bodies together is read of a mail that is skimmed. */
  public static final int SKIMMED_OCTETS = 2 << 20;

  /** The most fields of one header. */
  public static final int MAX_FIELDS = 2000;

  /** The longest field, folding included, in octets. */
  public static final int MAX_FIELD_OCTETS = 256 << 10;

  /** The largest headers, those of a mail and of all its parts together, in octets. */
  public static final int MAX_HEADERS_OCTETS = 4 << 20;

  private static final int CHUNK = 8 << 10;
  private static final Body NO_BODY = Body.of(new byte[0]);

  /** Where only a header is read. */
  private static final BodyStore NO_BODIES =
      () -> {
        throw new IllegalStateException("a body is read where only the header was asked for");
      };

  private static final MimeConfig LIMITS =
      new MimeConfig.Builder()
          .setStrictParsing(false)
          .setMalformedHeaderStartsBody(false)
          .setMaxLineLen(-1)
          .setMaxHeaderCount(MAX_FIELDS)
          .setMaxHeaderLen(MAX_FIELD_OCTETS)
          .setMaxContentLen(-1)
          .build();

  private final MimeTokenStream tokens;
  private final Unpacking unpacking;
  private final BodyStore bodies;

  /** What the store could not take: that is no fault of the mail. */
  private Optional<IOException> failure = Optional.empty();

  private MailReader(Unpacking unpacking, BodyStore bodies) {
    this.unpacking = unpacking;
    this.bodies = bodies;
    tokens = new MimeTokenStream(LIMITS, DecodeMonitor.SILENT, null, null);
    // A mail within the mail stays whole: it becomes a file.
    tokens.setRecursionMode(RecursionMode.M_NO_RECURSE);
  }

  /**
   * Reads one mail.
   *
   * @throws MailException 5.6.0 if its structure exceeds the limits or cannot be read, 5.6.1 if it
   *     is a fragment (message/partial), 5.3.4 if it is too large
   */
  public static Mail read(byte[] octets) throws MailException {
    requireSize(octets.length);
    var unpacking = new Unpacking();
    return MailBody.select(structure(octets, unpacking), unpacking);
  }

  /**
   * Reads who wrote a mail, to whom, and what it is made of, in an amount of memory that does not
   * grow with it: its bodies are cut after {@link #SKIMMED_OCTETS} in all, and what is packed in
   * S/MIME or TNEF stays so. What {@link #read} refuses is refused here.
   *
   * @param octets how many there are
   * @throws IOException if the stream fails
   */
  public static Mail skim(InputStream in, long octets) throws MailException, IOException {
    requireSize(octets);
    return structure(in, new HeldBodies(SKIMMED_OCTETS), Unpacking.none()).mail();
  }

  /**
   * Takes a mail apart in an amount of memory that does not grow with it: its bodies go where the
   * store puts them. What {@link #read} refuses for its structure is refused here.
   *
   * @param octets how many there are
   * @throws IOException if the stream or the store fails
   */
  public static MailStructure structure(InputStream in, long octets, BodyStore bodies)
      throws MailException, IOException {
    requireSize(octets);
    return structure(in, bodies);
  }

  /**
   * The same of a mail that was accepted before: with the fields that were added then, it may have
   * a little more than {@link #MAX_OCTETS}.
   *
   * @param in of any length
   * @throws IOException if the stream or the store fails
   */
  public static MailStructure structure(InputStream in, BodyStore bodies)
      throws MailException, IOException {
    return structure(in, bodies, new Unpacking());
  }

  private static MailStructure structure(InputStream in, BodyStore bodies, Unpacking unpacking)
      throws MailException, IOException {
    var reader = new MailReader(unpacking, bodies);
    return new MailStructure(reader.read(in, reader::readRoot), unpacking);
  }

  /** What of a mail is read, from T_START_HEADER on. */
  private interface Reading<T> {
    T read() throws MimeException, IOException, MailException;
  }

  /** What the stream cannot give, or the store not take, is no fault of the mail. */
  private <T> T read(InputStream in, Reading<T> what) throws MailException, IOException {
    var source = new Source(in);
    T read;
    try {
      read = readTokens(source, what);
    } catch (MailException unreadable) {
      var failed = source.failure.or(() -> failure);
      if (failed.isPresent()) {
        throw failed.get();
      }
      throw unreadable;
    }
    source.requireWhole();
    return read;
  }

  private static void requireSize(long octets) throws MailException {
    if (octets > MAX_OCTETS) {
      throw new MailException("5.3.4", "the mail is larger than " + MAX_OCTETS + " octets");
    }
    if (octets == 0) {
      throw new MailException("5.6.0", "the mail is empty");
    }
  }

  /** The parts of a mail as they are nested, before any is chosen. */
  static MailPart structure(byte[] octets) throws MailException {
    return structure(octets, new Unpacking());
  }

  /** The same of what stands inside a mail: its parts count among those of the mail. */
  static MailPart structure(byte[] octets, Unpacking unpacking) throws MailException {
    var reader = new MailReader(unpacking, new HeldBodies(MAX_OCTETS));
    return reader.readTokens(new ByteArrayInputStream(octets), reader::readRoot);
  }

  /** Reads only the header, for example of a returned mail, whatever follows. */
  static MailHeader readHeader(byte[] octets) throws MailException {
    return readHeader(Body.of(octets));
  }

  /**
   * The same of a mail within a mail.
   *
   * @throws UncheckedIOException if it cannot be read from where it is
   */
  static MailHeader readHeader(Body mail) throws MailException {
    var reader = new MailReader(new Unpacking(), NO_BODIES);
    try (var in = mail.open()) {
      return reader.read(in, reader::readFields);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private MailPart readRoot() throws MimeException, IOException, MailException {
    return readEntity(0, MailPart.PLAIN);
  }

  private <T> T readTokens(InputStream in, Reading<T> what) throws MailException {
    try {
      tokens.parse(in);
      while (tokens.getState() != EntityState.T_START_HEADER) {
        if (tokens.next() == EntityState.T_END_OF_STREAM) {
          throw new MailException("5.6.0", "the mail is empty");
        }
      }
      return what.read();
    } catch (MimeException | IOException unreadable) {
      throw new MailException(
          "5.6.0",
          "the mail cannot be read: " + SafeText.line(String.valueOf(unreadable.getMessage()), 200),
          unreadable);
    }
  }

  /** Reads from T_START_HEADER up to the end of that entity. */
  private MailPart readEntity(int depth, String defaultType)
      throws MimeException, IOException, MailException {
    if (depth > MAX_DEPTH) {
      throw new MailException("5.6.0", "parts are nested deeper than " + MAX_DEPTH + " levels");
    }
    unpacking.takePart();
    var header = readFields();
    if (tokens.getState() == EntityState.T_END_HEADER) {
      tokens.next();
    }
    var type = type(header, defaultType);
    var disposition =
        ParameterizedValue.parse(
            EncodedWords.decode(header.first("Content-Disposition").orElse("")));
    var children = new ArrayList<MailPart>();
    var body = NO_BODY;
    if (tokens.getState() == EntityState.T_START_MULTIPART) {
      if (!type.value().startsWith("multipart/")) {
        // Two Content-Type fields that disagree; what has parts is shown by its parts.
        type = new ParameterizedValue("multipart/mixed", type.parameters());
      }
      readChildren(children, depth, type.value());
    } else if (tokens.getState() == EntityState.T_BODY) {
      body = body(tokens.getDecodedInputStream());
      if (type.value().startsWith("multipart/")) {
        // Without a boundary there is nothing to take apart: it is shown as text.
        type = new ParameterizedValue(MailPart.PLAIN, type.parameters());
      }
    }
    return new MailPart(header, type, disposition, body, List.copyOf(children));
  }

  private Body body(InputStream decoded) throws IOException {
    var taking = bodies.begin();
    var chunk = new byte[CHUNK];
    boolean wanted = true;
    int count;
    while (wanted && (count = decoded.read(chunk)) >= 0) {
      try {
        wanted = taking.write(chunk, 0, count);
      } catch (IOException full) {
        throw noted(full);
      }
    }
    try {
      return taking.end();
    } catch (IOException full) {
      throw noted(full);
    }
  }

  private IOException noted(IOException full) {
    failure = Optional.of(full);
    return full;
  }

  /** A stream that remembers its failure: that is no fault of the mail. */
  private static final class Source extends FilterInputStream {
    private Optional<IOException> failure = Optional.empty();

    Source(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException failed) {
        failure = Optional.of(failed);
        throw failed;
      }
    }

    @Override
    public int read(byte[] octets, int offset, int length) throws IOException {
      try {
        return super.read(octets, offset, length);
      } catch (IOException failed) {
        failure = Optional.of(failed);
        throw failed;
      }
    }

    void requireWhole() throws IOException {
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  /** A field before its charset is known. */
  private record RawField(String name, byte[] value) {}

  /** Reads up to T_END_HEADER, or to the end of all. */
  private MailHeader readFields() throws MimeException, IOException, MailException {
    var fields = new ArrayList<RawField>();
    for (var state = tokens.next(); state != EntityState.T_END_HEADER; state = tokens.next()) {
      if (state == EntityState.T_FIELD) {
        var raw = tokens.getField().getRaw();
        unpacking.takeHeader(raw.length());
        fields.add(field(tokens.getField().getName(), raw));
      } else if (state == EntityState.T_END_OF_STREAM) {
        break;
      }
    }
    return header(fields);
  }

  private static MailHeader header(List<RawField> fields) {
    var charset =
        fields.stream()
            .filter(field -> field.name().equalsIgnoreCase("Content-Type"))
            .findFirst()
            .map(field -> ParameterizedValue.parse(text(field, "")).parameter("charset"))
            .orElse("");
    return new MailHeader(
        fields.stream()
            .map(field -> new MailHeader.Field(field.name(), text(field, charset)))
            .toList());
  }

  private static String text(RawField field, String charset) {
    var unfolded = TextDecoder.decodeField(field.value(), charset).replaceAll("[\r\n]+[ \t]?", " ");
    return unfolded.replace('\0', ' ').strip();
  }

  private void readChildren(List<MailPart> children, int depth, String mediaType)
      throws MimeException, IOException, MailException {
    var defaultType = mediaType.equals("multipart/digest") ? "message/rfc822" : MailPart.PLAIN;
    for (var state = tokens.next(); state != EntityState.T_END_MULTIPART; state = tokens.next()) {
      if (state == EntityState.T_START_HEADER) {
        children.add(readEntity(depth + 1, defaultType));
      } else if (state == EntityState.T_END_OF_STREAM) {
        return;
      }
    }
  }

  private static RawField field(String name, ByteSequence raw) {
    var octets = raw.toByteArray();
    int colon = 0;
    while (colon < octets.length && octets[colon] != ':') {
      colon++;
    }
    int start = Math.min(colon + 1, octets.length);
    return new RawField(name.strip(), Arrays.copyOfRange(octets, start, octets.length));
  }

  private static ParameterizedValue type(MailHeader header, String defaultType) {
    var given = ParameterizedValue.parse(header.first("Content-Type").orElse(""));
    int slash = given.value().indexOf('/');
    if (slash > 0 && slash < given.value().length() - 1) {
      return given;
    }
    // "text", "html" and the like: written by scripts; RFC 2045 §5.2 lets us take the default.
    boolean html = given.value().toLowerCase(Locale.ROOT).equals("html");
    return new ParameterizedValue(html ? MailPart.HTML : defaultType, given.parameters());
  }
}
