package io.postern.out;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Text records of any octets. */
final class TinyText {
  private TinyText() {}

  static Record of(Name name, int ttl, List<byte[]> strings) throws IOException {
    var data = new ByteArrayOutputStream();
    for (var string : strings) {
      data.write(string.length);
      data.write(string);
    }
    return Record.newRecord(name, Type.TXT, DClass.IN, ttl, data.toByteArray());
  }
}
