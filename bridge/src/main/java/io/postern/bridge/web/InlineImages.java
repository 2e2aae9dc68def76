package io.postern.bridge.web;

import io.postern.mail.Attachment;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the pictures of a mail into its HTML, because a browser does not know the mail that {@code
 * cid:} (RFC 2392) refers to. What is put in has letters, digits and {@code :;,/+=-.} only, so it
 * ends no attribute.
 */
final class InlineImages {
  /** The most that is put in, in octets of the pictures; what goes beyond stays a reference. */
  private static final int MAX_OCTETS = 16 << 20;

  /** No SVG: that is a document. */
  private static final Set<String> TYPES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private static final Pattern REFERENCE = Pattern.compile("(?i)\\bcid:([^\\s\"'<>()]{1,900})");

  private InlineImages() {}

  static String embed(String html, List<Attachment> attachments) {
    var images = new HashMap<String, Attachment>();
    for (var file : attachments) {
      if (TYPES.contains(file.baseType())) {
        file.contentId().ifPresent(id -> images.putIfAbsent(key(id), file));
      }
    }
    return images.isEmpty() ? html : embed(html, images);
  }

  private static String embed(String html, Map<String, Attachment> images) {
    var reference = REFERENCE.matcher(html);
    var out = new StringBuilder();
    int octets = 0;
    while (reference.find()) {
      var image = images.get(key(reference.group(1)));
      if (image == null || image.size() > MAX_OCTETS - octets) {
        continue;
      }
      octets += image.size();
      var url =
          "data:"
              + image.baseType()
              + ";base64,"
              + Base64.getEncoder().encodeToString(image.octets());
      reference.appendReplacement(out, Matcher.quoteReplacement(url));
    }
    return reference.appendTail(out).toString();
  }

  /** An at sign is often escaped in the URL, other characters hardly ever. */
  private static String key(String id) {
    return id.replace("%40", "@").replace("&amp;", "&").toLowerCase(Locale.ROOT);
  }
}
