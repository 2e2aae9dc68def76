package io.postern.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A mailbox as servers keep it: a file for each mail. */
final class Maildir {
  private Maildir() {}

  /** Its mails with lines ended by CR LF; none if there is no mailbox yet. */
  static List<byte[]> mails(Path mailbox) throws IOException {
    var mails = new ArrayList<byte[]>();
    try (var files = Files.list(mailbox.resolve("new"))) {
      for (var file : files.sorted().toList()) {
        // Octet by octet, whatever the mail's charset.
        var text = Files.readString(file, StandardCharsets.ISO_8859_1);
        mails.add(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (NoSuchFileException nothingYet) {
      return List.of();
    }
    return mails;
  }
}
