package io.postern.mail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The octets of one part of a mail, transfer encoding taken off (RFC 2045 §6): in memory, or where
 * the {@link BodyStore} of whoever reads the mail has put them. They do not change.
 */
public interface Body {
  /** In memory; the array is not copied and must not change any more. */
  static Body of(byte[] octets) {
    return new Body() {
      @Override
      public int size() {
        return octets.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(octets);
      }
    };
  }

  /** How many octets there are. */
  int size();

  /** From the first octet on; as often as wanted. To be closed. */
  InputStream open() throws IOException;

  /**
   * All of them, in memory.
   *
   * @throws UncheckedIOException if they cannot be read from where they are
   */
  default byte[] octets() {
    return beginning(size());
  }

  /**
   * Those at the beginning.
   *
   * @param most how many at most
   * @throws UncheckedIOException if they cannot be read from where they are
   */
  default byte[] beginning(int most) {
    try (var in = open()) {
      return in.readNBytes(Math.min(most, size()));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /**
   * SHA-256 in lower-case hex: bodies of one digest hold the same.
   *
   * @throws UncheckedIOException if they cannot be read from where they are
   */
  default String digest() {
    try (var in = open()) {
      var digest = MessageDigest.getInstance("SHA-256");
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
