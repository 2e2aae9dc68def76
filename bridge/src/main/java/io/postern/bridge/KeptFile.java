package io.postern.bridge;

import io.postern.mail.PieceStream;
import io.postern.xmtp.store.Vault;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The form of a file that holds one mail, sealed in pieces, so that no mail is in memory as a whole
 * while it is written.
 *
 * <pre>
 *   "PSTNKM02" ‖ piece ‖ piece ‖ …      piece: its length (4 octets) ‖ sealed
 * </pre>
 *
 * Each piece is sealed for its place: of which mail, its number from 0, and whether it is the last.
 * So pieces cannot be left out, moved or taken from another mail. Files of earlier versions are the
 * sealed mail and nothing else.
 */
final class KeptFile {
  private static final byte[] MAGIC = "PSTNKM02".getBytes(StandardCharsets.US_ASCII);
  private static final int PIECE = 256 << 10;

  /** More than sealing adds to a piece. */
  private static final int SEAL = 1 << 10;

  private KeptFile() {}

  /**
   * Writes a file that does not exist yet; its octets are durable then, its name not yet.
   *
   * @param place of the mail, for the seals
   * @param most octets of the file
   * @return how many octets the file has; empty if it would have had more than that many
   */
  static OptionalLong write(Path file, Vault vault, String place, InputStream mail, long most)
      throws IOException {
    try (var channel = PrivateFile.open(file)) {
      PrivateFile.write(channel, ByteBuffer.wrap(MAGIC));
      long size = MAGIC.length;
      var piece = mail.readNBytes(PIECE);
      for (long number = 0; ; number++) {
        var next = mail.readNBytes(PIECE);
        boolean last = next.length == 0;
        var sealed = vault.seal(place(place, number, last), piece);
        size += Integer.BYTES + sealed.length;
        if (size > most) {
          return OptionalLong.empty();
        }
        PrivateFile.write(channel, ByteBuffer.allocate(Integer.BYTES).putInt(sealed.length).flip());
        PrivateFile.write(channel, ByteBuffer.wrap(sealed));
        if (last) {
          channel.force(true);
          return OptionalLong.of(size);
        }
        piece = next;
      }
    }
  }

  /**
   * The mail of a file, to be closed. Each octet that is given out was sealed; only the end says
   * that there are no more, so who needs the whole reads to the end.
   *
   * @throws DamagedException now or later, if it is not as it was written
   * @throws IOException now or later, if the file cannot be read
   * @throws Vault.VaultException now or later, if it was sealed by another vault, for another mail,
   *     or altered
   */
  static InputStream open(Path file, Vault vault, String place) throws IOException {
    var in = new BufferedInputStream(Files.newInputStream(file));
    try {
      var magic = in.readNBytes(MAGIC.length);
      if (Arrays.equals(magic, MAGIC)) {
        return new Pieces(in, vault, place);
      }
      try (in) {
        var sealed = new ByteArrayOutputStream();
        sealed.writeBytes(magic);
        in.transferTo(sealed);
        return new ByteArrayInputStream(vault.open(place, sealed.toByteArray()));
      }
    } catch (IOException | RuntimeException failed) {
      in.close();
      throw failed;
    }
  }

  /** The octets are not what was written. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    private DamagedException(String what) {
      super(what);
    }
  }

  /** Opens one piece after the other. */
  private static final class Pieces extends PieceStream {
    private final InputStream in;
    private final Vault vault;
    private final String place;
    private byte[] next;
    private long number;

    Pieces(InputStream in, Vault vault, String place) throws IOException {
      super(new byte[0]);
      this.in = in;
      this.vault = vault;
      this.place = place;
      this.next = sealed();
    }

    @Override
    protected Optional<byte[]> next() throws IOException {
      if (number > 0 && next.length == 0) {
        return Optional.empty();
      }
      var sealed = next;
      next = sealed();
      return Optional.of(vault.open(place(place, number++, next.length == 0), sealed));
    }

    /** The next piece; empty behind the last one. */
    private byte[] sealed() throws IOException {
      var head = in.readNBytes(Integer.BYTES);
      if (head.length == 0) {
        return head;
      }
      int length = head.length == Integer.BYTES ? ByteBuffer.wrap(head).getInt() : -1;
      if (length <= 0 || length > PIECE + SEAL) {
        throw new DamagedException("it is damaged");
      }
      var sealed = in.readNBytes(length);
      if (sealed.length < length) {
        throw new DamagedException("it is cut short");
      }
      return sealed;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private static String place(String place, long number, boolean last) {
    return place + " " + number + (last ? " last" : "");
  }
}
