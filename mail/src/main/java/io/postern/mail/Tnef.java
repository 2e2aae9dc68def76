package io.postern.mail;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A message as Outlook and Exchange pack it for each other: {@code winmail.dat}. MS-OXTNEF.
 *
 * <p>It is unpacked whole or not at all, so that nothing is lost when it is damaged: then the
 * caller keeps the file.
 */
final class Tnef {
  /** More attributes than this are no message. */
  private static final int MAX_ATTRIBUTES = 5000;

  /** Messages inside messages. */
  private static final int MAX_DEPTH = 3;

  private static final int SIGNATURE = 0x223e9f78;

  /** Octets of the signature and the key after it. */
  private static final int BEFORE_ATTRIBUTES = 6;

  /** Octets of the id, the length and the checksum of an attribute. */
  private static final int AROUND_AN_ATTRIBUTE = 10;

  private static final int LEVEL_MESSAGE = 1;
  private static final int LEVEL_ATTACHMENT = 2;

  private static final int OEM_CODE_PAGE = 0x00069007;
  private static final int SUBJECT = 0x00018004;
  private static final int BODY = 0x0002800c;
  private static final int MESSAGE_PROPERTIES = 0x00069003;
  private static final int ATTACHMENT_BEGINS = 0x00069002;
  private static final int ATTACHMENT_TITLE = 0x00018010;
  private static final int ATTACHMENT_OCTETS = 0x0006800f;
  private static final int ATTACHMENT_PROPERTIES = 0x00069005;

  private static final int DISPLAY_NAME = 0x3001;
  private static final int DATA = 0x3701;
  private static final int FILENAME = 0x3704;
  private static final int METHOD = 0x3705;
  private static final int LONG_FILENAME = 0x3707;
  private static final int MEDIA_TYPE = 0x370e;
  private static final int CONTENT_ID = 0x3712;

  private static final int EMBEDDED_MESSAGE = 5;

  /** The id of the interface that stands before an object. */
  private static final int INTERFACE_OCTETS = 16;

  /** A file while its attributes arrive. */
  private static final class File {
    private String title = "";
    private byte[] octets = {};
    private MapiProperties properties = MapiProperties.NONE;
  }

  private final int depth;
  private final Unpacking unpacking;
  private final List<File> files = new ArrayList<>();
  private int codePage = CodePage.WESTERN;
  private String subject = "";
  private String body = "";
  private MapiProperties properties = MapiProperties.NONE;

  private Tnef(int depth, Unpacking unpacking) {
    this.depth = depth;
    this.unpacking = unpacking;
  }

  static boolean isTnef(Body body) {
    return isTnef(body.beginning(BEFORE_ATTRIBUTES));
  }

  /**
   * How many octets come out of it at most: contents of files as they are; what stands elsewhere
   * may be compressed, and so may messages. It is passed over, not read; if it is damaged, nothing
   * comes out.
   *
   * @throws UncheckedIOException if it cannot be read from where it is
   */
  static long mostUnpacked(Body body) {
    try (var in = new DataInputStream(body.open())) {
      return mostUnpacked(in, body.size());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static long mostUnpacked(DataInputStream in, int size) throws IOException {
    in.skipNBytes(BEFORE_ATTRIBUTES);
    long left = (long) size - BEFORE_ATTRIBUTES;
    long files = 0;
    long others = 0;
    for (int count = 0; left > 0; count++) {
      int level = in.read();
      left--;
      if (count < MAX_ATTRIBUTES && isEmptyLevel(level)) {
        continue;
      }
      if (count == MAX_ATTRIBUTES || !isLevel(level) || left < AROUND_AN_ATTRIBUTE) {
        return 0;
      }
      int id = Integer.reverseBytes(in.readInt());
      int length = Integer.reverseBytes(in.readInt());
      left -= AROUND_AN_ATTRIBUTE;
      if (length < 0 || length > left) {
        return 0;
      }
      left -= length;
      var beginning = in.readNBytes(Math.min(length, BEFORE_ATTRIBUTES));
      in.skipNBytes(length - beginning.length + Short.BYTES);
      boolean isFile = id == ATTACHMENT_OCTETS && !isTnef(beginning);
      files += isFile ? length : 0;
      others += isFile ? 0 : length;
    }
    return Math.min(Unpacking.MAX_OCTETS, files + CompressedRtf.MOST_TIMES * others);
  }

  /** What transports put at the end. */
  private static boolean isEmptyLevel(int level) {
    return level == 0 || level == '\r' || level == '\n';
  }

  private static boolean isLevel(int level) {
    return level == LEVEL_MESSAGE || level == LEVEL_ATTACHMENT;
  }

  private static boolean isTnef(byte[] octets) {
    return octets.length >= BEFORE_ATTRIBUTES
        && octets[0] == 0x78
        && octets[1] == (byte) 0x9f
        && octets[2] == 0x3e
        && octets[3] == 0x22;
  }

  /**
   * @param unpacking what its mail has left; what stands in it is taken from that
   * @throws MailException if it is damaged, or larger than the limits
   */
  static TnefMessage read(byte[] octets, Unpacking unpacking) throws MailException {
    return read(octets, 0, unpacking);
  }

  private static TnefMessage read(byte[] octets, int depth, Unpacking unpacking)
      throws MailException {
    if (depth > MAX_DEPTH) {
      throw LittleEndian.malformed("messages are nested deeper than " + MAX_DEPTH + " levels");
    }
    var tnef = new Tnef(depth, unpacking);
    tnef.attributes(new LittleEndian(octets));
    return tnef.message();
  }

  private void attributes(LittleEndian in) throws MailException {
    if (in.int32() != SIGNATURE) {
      throw LittleEndian.malformed("it is no TNEF");
    }
    in.uint16();
    for (int count = 0; in.remaining() > 0; count++) {
      if (count == MAX_ATTRIBUTES) {
        throw LittleEndian.malformed("it has more than " + MAX_ATTRIBUTES + " attributes");
      }
      int level = in.uint8();
      if (isEmptyLevel(level)) {
        continue;
      }
      if (!isLevel(level)) {
        throw LittleEndian.malformed("an attribute has the level " + level);
      }
      int id = in.int32();
      var octets = in.octets(in.length(in.remaining()));
      if (in.uint16() != checksum(octets)) {
        throw LittleEndian.malformed("a checksum is wrong");
      }
      if (level == LEVEL_MESSAGE) {
        message(id, octets);
      } else {
        file(id, octets);
      }
    }
  }

  private static int checksum(byte[] octets) {
    int sum = 0;
    for (byte octet : octets) {
      sum += octet & 0xff;
    }
    return sum & 0xffff;
  }

  private void message(int id, byte[] octets) throws MailException {
    switch (id) {
      case OEM_CODE_PAGE -> codePage = new LittleEndian(octets).int32();
      case SUBJECT -> subject = text(octets);
      case BODY -> body = text(octets);
      case MESSAGE_PROPERTIES -> properties = MapiProperties.read(new LittleEndian(octets));
      default -> {
        // Nothing that a reader of mail would see.
      }
    }
  }

  private void file(int id, byte[] octets) throws MailException {
    if (id == ATTACHMENT_BEGINS) {
      unpacking.takePart();
      files.add(new File());
    } else if (files.isEmpty()) {
      throw LittleEndian.malformed("a file has no beginning");
    }
    var file = files.get(files.size() - 1);
    switch (id) {
      case ATTACHMENT_TITLE -> file.title = text(octets);
      case ATTACHMENT_OCTETS -> file.octets = octets;
      case ATTACHMENT_PROPERTIES -> file.properties = MapiProperties.read(new LittleEndian(octets));
      default -> {
        // Icons and dates.
      }
    }
  }

  private String text(byte[] octets) {
    return MapiProperties.terminated(TextDecoder.decode(octets, CodePage.label(codePage)));
  }

  private TnefMessage message() throws MailException {
    var attached = new ArrayList<Attachment>();
    var embedded = new ArrayList<TnefMessage>();
    for (var file : files) {
      var data = file.properties.octets(DATA);
      boolean object = data.isPresent() && data.get().type() == MapiProperties.OBJECT;
      if (object && data.get().octets().length < INTERFACE_OCTETS) {
        throw LittleEndian.malformed("an object is too short");
      }
      var octets =
          object
              ? Arrays.copyOfRange(
                  data.get().octets(), INTERFACE_OCTETS, data.get().octets().length)
              : file.octets.length > 0
                  ? file.octets
                  : data.map(MapiProperties.Value::octets).orElse(file.octets);
      boolean message = file.properties.number(METHOD, 0) == EMBEDDED_MESSAGE || object;
      if (message && isTnef(octets)) {
        embedded.add(read(octets, depth + 1, unpacking));
      } else {
        attached.add(attachment(file, octets));
      }
    }
    return TnefMessage.of(properties, codePage, subject, body, attached, embedded, unpacking);
  }

  private Attachment attachment(File file, byte[] octets) throws MailException {
    unpacking.take(octets.length);
    var own = file.properties;
    var name =
        own.text(LONG_FILENAME, codePage)
            .or(() -> own.text(FILENAME, codePage))
            .or(() -> Optional.of(file.title).filter(title -> !title.isBlank()))
            .or(() -> own.text(DISPLAY_NAME, codePage))
            .orElse("");
    var type = own.text(MEDIA_TYPE, codePage).orElseGet(() -> FileType.ofName(name));
    return new Attachment(
        FileName.clean(name, "file"), type, own.text(CONTENT_ID, codePage), false, octets);
  }
}
