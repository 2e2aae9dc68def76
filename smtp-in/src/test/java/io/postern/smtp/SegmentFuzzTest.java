package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.zip.CRC32C;

/**
 * Whatever a disk gives back as a segment: its records lie within it, none over another, and each
 * is a whole mail or known to be damaged.
 */
class SegmentFuzzTest {
  private static final int SECTOR = 512;
  private static final int SALT = 16;
  private static final int COVERED = 46;
  private static final int MAX_OCTETS = 64 << 10;

  @FuzzTest(maxDuration = "10m")
  void recordsLieWithinTheSegmentAndNoneOverAnother(byte[] octets) throws IOException {
    var path = Files.createTempFile("fuzzed", ".segment");
    try {
      Files.write(path, segment(octets));

      long end = SECTOR;
      for (var entry : Segment.read(path).entries()) {
        assertThat(entry.at()).isGreaterThanOrEqualTo(end);
        assertThat(entry.place().offset() + entry.place().octets())
            .isLessThanOrEqualTo(Files.size(path));
        end = entry.next();
        try {
          SpoolFile.verify(entry.place());
        } catch (DamagedFileException damaged) {
          assertThat(damaged).hasMessageContaining("segment");
        }
      }
    } finally {
      Files.delete(path);
    }
  }

  /** A header that is right, then the octets, with the checksum of each record made right. */
  private static byte[] segment(byte[] octets) {
    int length = Math.min(octets.length, MAX_OCTETS);
    var segment = ByteBuffer.allocate(SECTOR + length);
    segment.putLong(0x5053544E_4A4E3031L).position(Long.BYTES + SALT);
    segment.putInt(crc(segment.array(), 0, Long.BYTES + SALT));
    segment.position(SECTOR).put(octets, 0, length);
    for (int at = SECTOR; at + COVERED + Integer.BYTES <= segment.capacity(); at += SECTOR) {
      if (segment.get(at) == 'R') { // Else it is left as it is: the inside of a mail.
        segment.put(at, (byte) 0);
        segment.putInt(at + COVERED, crc(segment.array(), at, COVERED));
      }
    }
    return segment.array();
  }

  private static int crc(byte[] octets, int offset, int length) {
    var crc = new CRC32C();
    crc.update(octets, offset, length);
    return (int) crc.getValue();
  }
}
