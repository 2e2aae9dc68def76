package io.postern.mail.auth;

/** How much a header field may change on its way before its signature fails. RFC 6376 §3.4. */
enum Canonicalization {
  /** Not at all. RFC 6376 §3.4.1. */
  SIMPLE {
    @Override
    String field(RawField field) {
      return field.text();
    }
  },

  /** Case of the name, folding and the amount of white space. RFC 6376 §3.4.2. */
  RELAXED {
    @Override
    String field(RawField field) {
      return field.name() + ":" + withSingleSpaces(field.value());
    }
  };

  /** A field as it is signed, without its last CR LF. */
  abstract String field(RawField field);

  /** Drops CR LF before white space, joins white space, and takes it off both ends. */
  private static String withSingleSpaces(String value) {
    var out = new StringBuilder(value.length());
    boolean space = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\r' && value.startsWith("\r\n", i)) {
        i++;
      } else if (c == ' ' || c == '\t') {
        space = true;
      } else {
        if (space && out.length() > 0) {
          out.append(' ');
        }
        space = false;
        out.append(c);
      }
    }
    return out.toString();
  }
}
