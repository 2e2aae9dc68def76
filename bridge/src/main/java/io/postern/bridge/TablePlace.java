package io.postern.bridge;

import io.postern.mapping.SpoolRows;
import io.postern.mapping.SpooledOctets;
import io.postern.smtp.SpoolPlace;
import io.postern.smtp.Stretch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;

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
  private final class Parts extends Stretch {
    private long begin;
    private byte[] part = {};

    Parts(long from, long to) {
      super(from, to);
    }

    @Override
    protected int read(long at, byte[] octets, int offset, int length) throws IOException {
      if (at < begin || at >= begin + part.length) {
        load(at);
      }
      int from = (int) (at - begin);
      int count = Math.min(length, part.length - from);
      if (count <= 0) {
        return -1;
      }
      System.arraycopy(part, from, octets, offset, count);
      return count;
    }

    private void load(long at) throws IOException {
      if (at >= contentOctets) {
        begin = contentOctets;
        part = trailer;
        return;
      }
      int number = (int) (at / SpoolRows.PART);
      begin = (long) number * SpoolRows.PART;
      var found = SpoolTable.asked(() -> rows.part(id, number));
      if (found.isEmpty() && SpoolTable.asked(() -> rows.row(id)).isEmpty()) {
        throw new NoSuchFileException(id, null, "it has left the spool");
      }
      part = found.orElseGet(() -> new byte[0]);
    }
  }
}
