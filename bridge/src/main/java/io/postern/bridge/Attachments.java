package io.postern.bridge;

import io.postern.mapping.PeerLines;
import io.postern.mapping.PeerLines.Fetched;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.RemoteAttachment;
import io.postern.xmtp.content.RemoteAttachmentCipher;
import io.postern.xmtp.content.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the files that the messages of one mail name but do not hold: fetched, checked, decrypted.
 * What a peer may have us do is bounded for the mail as a whole, in octets, files and time.
 */
final class Attachments {
  private static final Logger log = LoggerFactory.getLogger(Attachments.class);

  /** What fits a mail of the usual size once it is written in base64. */
  private static final int MAX_OCTETS = 18_000_000;

  /** More files than this in one mail are named, not fetched. */
  private static final int MAX_FILES = 20;

  /** After this no further file is begun. */
  private static final Duration LONGEST = Duration.ofMinutes(3);

  private final RemoteFiles remote;
  private final InstantSource clock;
  private final Instant deadline;
  private int octetsLeft = MAX_OCTETS;
  private int filesLeft = MAX_FILES;

  /** For one mail, which begins now. */
  Attachments(RemoteFiles remote, InstantSource clock) {
    this.remote = remote;
    this.clock = clock;
    this.deadline = clock.instant().plus(LONGEST);
  }

  /** What came of each remote file of a content, in their order. */
  List<Fetched> of(Content content) {
    var fetched = new ArrayList<Fetched>();
    for (var file : PeerLines.remoteFiles(content)) {
      fetched.add(fetch(file));
    }
    return fetched;
  }

  private Fetched fetch(RemoteAttachment file) {
    var url = file.httpsUrl();
    if (url.isEmpty() || filesLeft == 0 || clock.instant().isAfter(deadline)) {
      return new Fetched.NotFetched();
    }
    filesLeft--;
    try {
      var payload = remote.fetch(url.get(), octetsLeft);
      octetsLeft -= payload.length;
      return file(file, RemoteAttachmentCipher.decrypt(file, payload));
    } catch (RemoteFiles.TooLargeException tooLarge) {
      return new Fetched.TooLarge();
    } catch (IOException | ContentException failed) {
      log.info("remote file not fetched reason={}", failed.getMessage());
      return new Fetched.NotFetched();
    }
  }

  private static Fetched file(RemoteAttachment file, Content opened) {
    if (opened instanceof Attachment attachment) {
      return new Fetched.File(
          attachment.safeFilename(), attachment.mimeType(), attachment.octets());
    }
    if (opened instanceof Text text) {
      return textFile(file, "text/plain", text.text());
    }
    if (opened instanceof Markdown markdown) {
      return textFile(file, "text/markdown", markdown.markdown());
    }
    return new Fetched.NotFetched();
  }

  private static Fetched textFile(RemoteAttachment file, String mediaType, String text) {
    return new Fetched.File(
        file.safeFilename(), mediaType, Octets.of(text.getBytes(StandardCharsets.UTF_8)));
  }
}
