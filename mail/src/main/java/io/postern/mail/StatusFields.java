package io.postern.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The groups of fields in the machine-readable part of a report. RFC 3464 §2.1, RFC 8098 §3.1. */
final class StatusFields {
  /** More recipients than this in one report are not told apart. */
  private static final int MAX_GROUPS = 500;

  private static final Pattern BLANK_LINE = Pattern.compile("\\n[ \\t]*\\n");
  private static final Pattern FOLD = Pattern.compile("\\n[ \\t]+");

  private StatusFields() {}

  /** Groups are separated by empty lines; what is no field is passed over. */
  static List<MailHeader> parse(String text) {
    var groups = new ArrayList<MailHeader>();
    for (var block : BLANK_LINE.split(text.replace("\r\n", "\n").replace('\r', '\n'))) {
      var fields = new ArrayList<MailHeader.Field>();
      for (var line : FOLD.matcher(block).replaceAll(" ").split("\n")) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          fields.add(
              new MailHeader.Field(
                  line.substring(0, colon).strip(),
                  SafeText.line(line.substring(colon + 1), 2000)));
        }
      }
      if (!fields.isEmpty() && groups.size() < MAX_GROUPS) {
        groups.add(new MailHeader(fields));
      }
    }
    return groups;
  }

  /** What stands after the type and its semicolon: {@code bob@x} of {@code rfc822; bob@x}. */
  static String afterType(String typed) {
    return typed.substring(typed.indexOf(';') + 1).strip();
  }
}
