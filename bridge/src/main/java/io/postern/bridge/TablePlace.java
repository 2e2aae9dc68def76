package io.postern.bridge;

import io.postern.mapping.SpoolRows;
import io.postern.mapping.SpooledOctets;
import io.postern.smtp.SpoolPlace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import org.jdbi.v3.core.JdbiException;

/** Where a mail stands in the table of a spool: its parts, and behind them what is known of it. */
final class TablePlace implements SpoolPlace {
  private final SpoolRows rows;
  private final String id;
  private final long contentOctets;
  private final byte[] trailer;

  TablePlace(SpoolRows rows, String id, SpooledOctets octets) {
    this.rows = rows;
    this.id = id;
    this.contentOctets = octets.contentOctets();
    this.trailer = octets.trailer();
  }

  @Override
  public String name() {
    return id;
  }

  @Override
  public long octets() {
    return contentOctets + trailer.length;
  }

  @Override
  public InputStream open(long from, long to) {
    return new Parts(from, Math.min(to, octets()));
  }

  /** One part in memory. Where one is missing or short it ends: the mail's checksum tells then. */
  private final class Parts extends InputStream {
    private final long to;
    private long at;
    private long begin;
    private byte[] part = {};

    Parts(long from, long to) {
      this.at = from;
      this.to = to;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] octets, int offset, int length) throws IOException {
      if (at < begin || at >= begin + part.length) {
        load();
      }
      int from = (int) (at - begin);
      int count = (int) Math.min(Math.min(length, part.length - from), to - at);
      if (count <= 0) {
        return length == 0 ? 0 : -1;
      }
      System.arraycopy(part, from, octets, offset, count);
      at += count;
      return count;
    }

    private void load() throws IOException {
      if (at >= contentOctets) {
        begin = contentOctets;
        part = trailer;
        return;
      }
      int number = (int) (at / SpoolRows.PART);
      begin = (long) number * SpoolRows.PART;
      try {
        var found = rows.part(id, number);
        if (found.isEmpty() && rows.row(id).isEmpty()) {
          throw new NoSuchFileException(id, null, "it has left the spool");
        }
        part = found.orElseGet(() -> new byte[0]);
      } catch (JdbiException failed) {
        throw new IOException("the database of the spool did not answer as it should", failed);
      }
    }
  }
}
