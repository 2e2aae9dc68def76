package io.postern.mail;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Media types and the endings of file names, as far as one says the other. */
final class FileType {
  static final String OCTET_STREAM = "application/octet-stream";

  private static final Set<String> GENERIC =
      Set.of(
          OCTET_STREAM,
          "application/octetstream",
          "application/x-octet-stream",
          "application/binary",
          "application/unknown",
          "application/x-unknown",
          "application/force-download",
          "application/x-download",
          "binary/octet-stream");

  private static final Map<String, String> EXTENSIONS =
      Map.ofEntries(
          Map.entry("text/plain", "txt"),
          Map.entry("text/html", "html"),
          Map.entry("text/vcard", "vcf"),
          Map.entry("text/x-vcard", "vcf"),
          Map.entry("text/csv", "csv"),
          Map.entry("text/rfc822-headers", "txt"),
          Map.entry("image/jpeg", "jpg"),
          Map.entry("image/jpg", "jpg"),
          Map.entry("image/pjpeg", "jpg"),
          Map.entry("image/png", "png"),
          Map.entry("image/gif", "gif"),
          Map.entry("image/webp", "webp"),
          Map.entry("audio/mpeg", "mp3"),
          Map.entry("video/mp4", "mp4"),
          Map.entry("application/pdf", "pdf"),
          Map.entry("application/zip", "zip"));

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("txt", "text/plain"),
          Map.entry("htm", "text/html"),
          Map.entry("html", "text/html"),
          Map.entry("vcf", "text/vcard"),
          Map.entry("ics", MailPart.CALENDAR),
          Map.entry("csv", "text/csv"),
          Map.entry("rtf", "application/rtf"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("png", "image/png"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("mp3", "audio/mpeg"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("zip", "application/zip"));

  private FileType() {}

  /** Without its dot. */
  static Optional<String> extension(String mediaType) {
    return Optional.ofNullable(EXTENSIONS.get(mediaType));
  }

  /** A label that says no more than that it is a file. */
  static boolean saysNothing(String mediaType) {
    return GENERIC.contains(mediaType);
  }

  static String ofName(String filename) {
    var ending = filename.substring(filename.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return TYPES.getOrDefault(ending, OCTET_STREAM);
  }
}
