package io.postern.out;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.iap.ByteArray;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.eclipse.angus.mail.iap.Response;
import org.eclipse.angus.mail.iap.ResponseHandler;
import org.eclipse.angus.mail.imap.protocol.BODY;
import org.eclipse.angus.mail.imap.protocol.FetchResponse;
import org.eclipse.angus.mail.imap.protocol.IMAPProtocol;
import org.eclipse.angus.mail.imap.protocol.IMAPResponse;
import org.eclipse.angus.mail.imap.protocol.RFC822SIZE;
import org.eclipse.angus.mail.imap.protocol.UID;

/**
 * A folder that is read and never changed: EXAMINE and BODY.PEEK (RFC 9051 §6.3.3, §6.4.5), and
 * IDLE (RFC 2177). {@link #examine} begins each round; after an exception another round begins. For
 * one thread.
 */
final class ImapFolder {
  /** As much of a header is fetched; real ones stay far below. */
  static final int MAX_HEADER = 256 * 1024;

  /** As much of a mail is fetched at once. */
  static final int PIECE = 512 * 1024;

  private static final long MAX_UID = 0xffff_ffffL;

  /** RFC 9051 §9, {@code date}; its month is English everywhere. */
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d-MMM-uuuu", Locale.ENGLISH);

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

  private final ImapSession session;
  private final String name;
  private final Duration step;

  /** Whether mail came that the last search may not have seen. */
  private boolean grown;

  /**
   * @param name its full name
   * @param step how long one command may take that carries no mail, or an answer to DONE
   */
  ImapFolder(ImapSession session, String name, Duration step) {
    this.session = session;
    this.name = name;
    this.step = step;
  }

  /**
   * How the folder stands.
   *
   * @param uidValidity RFC 9051 §2.3.1.1: with another value all UIDs are new
   * @param highestUid no mail of now has a higher one; 0 if there is none
   */
  record Standing(long uidValidity, long highestUid) {}

  /**
   * What tells whether a mail is wanted.
   *
   * @param size of the whole mail, as the server counts
   * @param octets its header with the empty line after it, or its first octets
   */
  record Head(long size, byte[] octets) {
    boolean isTooLong() {
      return octets.length > MAX_HEADER;
    }
  }

  Standing examine() throws IOException, UndeliveredException {
    return session.use(
        step,
        imap -> {
          var info = imap.examine(name);
          if (info.uidvalidity < 1) {
            throw new ProtocolException("the folder has no UIDVALIDITY, so it cannot be followed");
          }
          grown = false;
          if (info.uidnext > 0) {
            return new Standing(info.uidvalidity, info.uidnext - 1);
          }
          // Older servers do not tell; * is the last mail.
          var last = info.total == 0 ? List.<Long>of() : search(imap, "*");
          return new Standing(info.uidvalidity, last.stream().max(Long::compare).orElse(0L));
        });
  }

  /**
   * The UIDs beyond that one, ascending.
   *
   * @param since only of mails that came on that day or later, by the server's clock
   */
  List<Long> after(long uid, Optional<LocalDate> since) throws IOException, UndeliveredException {
    if (uid >= MAX_UID) {
      return List.of();
    }
    var uids = (uid + 1) + ":*" + since.map(day -> " SINCE " + DAY.format(day)).orElse("");
    // Of n:* the last mail is always one, even if its UID is below n.
    return session.use(
        step,
        imap ->
            search(imap, uids).stream().filter(found -> found > uid).sorted().distinct().toList());
  }

  /** Empty if the mail is gone. */
  Optional<Head> head(long uid) throws IOException, UndeliveredException {
    var items = "RFC822.SIZE BODY.PEEK[HEADER]<0." + (MAX_HEADER + 1) + ">";
    return session.use(
        step,
        imap ->
            body(imap, uid, items, got -> got.size().isPresent() && got.octets().isPresent())
                .map(got -> new Head(got.size().orElseThrow(), got.octets().orElseThrow())));
  }

  /**
   * A piece of a mail.
   *
   * @param last whether the mail ends with it
   */
  record Piece(byte[] octets, boolean last) {}

  /**
   * The piece of a mail that begins at this octet; empty if the mail is gone. A server that gives
   * no pieces may give the whole of a mail, as long as that fits into memory.
   *
   * @param size of the whole mail, as the server counts: a short piece before it is not the last,
   *     and where a server counts too much, an empty one is
   */
  Optional<Piece> piece(long uid, long from, long size) throws IOException, UndeliveredException {
    return session.use(step, imap -> piece(imap, uid, from, size));
  }

  private Optional<Piece> piece(IMAPProtocol imap, long uid, long from, long size)
      throws ProtocolException {
    var items = "BODY.PEEK[]<" + from + "." + PIECE + ">";
    // NIL is what some give beyond the end.
    var got = body(imap, uid, items, body -> body.octets().isPresent() || from > 0);
    if (got.isEmpty()) {
      return Optional.empty();
    }
    var octets = got.get().octets().orElse(new byte[0]);
    boolean isSaid = got.get().origin() >= 0;
    boolean isEnd = from > 0 && octets.length == 0;
    // Who gives a piece without saying so, or less than there is, has given no whole mail.
    boolean mayBeWhole =
        octets.length == PIECE ? size == PIECE : octets.length >= size || size <= PIECE;
    boolean isWhole = !isSaid && from == 0 && mayBeWhole;
    if (isSaid ? got.get().origin() != from : !isWhole && !isEnd) {
      throw new ProtocolException("the server does not give the piece that was asked for");
    }
    boolean isShort = octets.length < PIECE && from + octets.length >= size;
    return Optional.of(new Piece(octets, isWhole || octets.length == 0 || isShort));
  }

  /**
   * Waits until mail comes, or that time is over.
   *
   * @return false, at once, if the server does not offer it
   */
  boolean await(Duration longest) throws IOException, UndeliveredException {
    return session.use(
        longest.plus(step),
        imap -> {
          if (!imap.hasCapability("IDLE")) {
            return false;
          }
          if (!grown) {
            idle(imap, longest);
          }
          return true;
        });
  }

  private static void idle(IMAPProtocol imap, Duration longest) throws ProtocolException {
    var end = new CompletableFuture<Boolean>();
    // Not only of what is read below: a server may tell of mail before it says that it idles.
    ResponseHandler listener =
        response -> {
          if (is(response, "EXISTS")) {
            end.complete(true);
          }
        };
    imap.addResponseHandler(listener);
    try {
      imap.idleStart();
      end.completeOnTimeout(true, longest.toMillis(), TimeUnit.MILLISECONDS)
          .thenAcceptAsync(
              // Elsewhere than on the one thread of all time limits: a write may block.
              isDue -> {
                if (isDue) {
                  imap.idleAbort(); // Sends DONE.
                }
              });
      Response response;
      do {
        response = imap.readIdleResponse();
        if (response == null) {
          throw new ProtocolException("the server ended IDLE before it began");
        }
      } while (imap.processIdleResponse(response));
    } finally {
      end.complete(false);
      imap.removeResponseHandler(listener);
    }
  }

  private List<Long> search(IMAPProtocol imap, String uids) throws ProtocolException {
    var found = new ArrayList<Long>();
    for (var response : command(imap, "UID SEARCH UID " + uids)) {
      if (is(response, "EXISTS")) {
        grown = true;
      }
      if (is(response, "SEARCH")) {
        for (var word : response.getRest().strip().split(" +")) {
          if (NUMBER.matcher(word).matches()) {
            found.add(Long.parseLong(word));
          }
        }
      }
    }
    return found;
  }

  /**
   * What a server gives.
   *
   * @param size of the whole mail, if it was asked for
   * @param octets none for NIL
   * @param origin where in the mail it begins; -1 if the server does not say
   */
  private record Fetched(Optional<Long> size, Optional<byte[]> octets, int origin) {}

  private Optional<Fetched> body(
      IMAPProtocol imap, long uid, String items, Predicate<Fetched> isAnswer)
      throws ProtocolException {
    for (var response : command(imap, "UID FETCH " + uid + " (UID " + items + ")")) {
      if (!(response instanceof FetchResponse fetched)) {
        continue;
      }
      // Others come unasked: flags that another program has changed.
      var id = Optional.ofNullable(fetched.getItem(UID.class));
      var body = Optional.ofNullable(fetched.getItem(BODY.class));
      if (id.filter(is -> is.uid == uid).isEmpty() || body.isEmpty()) {
        continue;
      }
      var size = Optional.ofNullable(fetched.getItem(RFC822SIZE.class)).map(is -> is.size);
      var octets = Optional.ofNullable(body.get().getByteArray()).map(ByteArray::getNewBytes);
      var got = new Fetched(size, octets, body.get().getOrigin());
      if (isAnswer.test(got)) {
        return Optional.of(got);
      }
    }
    if (search(imap, Long.toString(uid)).contains(uid)) {
      throw new ProtocolException("the server does not give the mail with UID " + uid);
    }
    return Optional.empty();
  }

  /** The responses to a command that has succeeded. */
  private static List<Response> command(IMAPProtocol imap, String command)
      throws ProtocolException {
    var responses = imap.command(command, null);
    imap.notifyResponseHandlers(responses);
    imap.handleResult(responses[responses.length - 1]);
    return Arrays.asList(responses);
  }

  private static boolean is(Response response, String key) {
    return response instanceof IMAPResponse named && named.keyEquals(key);
  }
}
