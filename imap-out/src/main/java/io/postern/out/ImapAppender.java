package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import jakarta.mail.Flags;
import jakarta.mail.search.MessageIDTerm;
import jakarta.mail.search.SearchException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Date;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.eclipse.angus.mail.iap.BadCommandException;
import org.eclipse.angus.mail.iap.CommandFailedException;
import org.eclipse.angus.mail.iap.Literal;
import org.eclipse.angus.mail.iap.ProtocolException;
import org.eclipse.angus.mail.imap.AppendUID;
import org.eclipse.angus.mail.imap.protocol.IMAPProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts mail into a folder of a mailbox, unseen and dated as the mail is. RFC 9051 §6.3.12.
 *
 * <p>A mail is appended once: the folder is searched for its Message-ID before each APPEND, since
 * the APPEND of an earlier try may have succeeded without our hearing of it, even before a crash.
 * The envelope is not looked at: whose mailbox it is was decided by the settings. May be used by
 * several threads; they take turns on one connection.
 */
public final class ImapAppender implements MailSender, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ImapAppender.class);

  private final Deliver.Imap settings;
  private final ImapSession session;
  private final ReentrantLock turn = new ReentrantLock();

  public ImapAppender(Deliver.Imap settings) {
    this(settings, ImapTimeouts.standard(), TlsTrust.authorities());
  }

  ImapAppender(Deliver.Imap settings, ImapTimeouts timeouts, SSLContext authorities) {
    this.settings = settings;
    this.session = new ImapSession(settings, timeouts, authorities);
  }

  @Override
  public Delivery send(Envelope envelope, byte[] octets) {
    turn.lock();
    try {
      return new Try(OutgoingMail.of(octets)).deliver();
    } catch (UndeliveredException stop) {
      return stop.outcome();
    } finally {
      turn.unlock();
    }
  }

  /** Logs out. A later {@link #send} logs in again. */
  @Override
  public void close() {
    turn.lock();
    try {
      session.close();
    } finally {
      turn.unlock();
    }
  }

  /** One mail's way into the folder, over one connection or, if that was stale, two. */
  private final class Try {
    private final OutgoingMail mail;
    private boolean mayBeThere;

    Try(OutgoingMail mail) {
      this.mail = mail;
    }

    Delivery deliver() throws UndeliveredException {
      try {
        return session.use(this::over);
      } catch (IOException stale) {
        if (mayBeThere && mail.id().isEmpty()) {
          return lost(stale);
        }
        LOG.debug("host={} reconnecting: {}", settings.host(), stale.getMessage());
      }
      try {
        return session.use(this::over);
      } catch (IOException dropped) {
        return lost(dropped);
      }
    }

    private Delivery lost(IOException dropped) {
      var reason = "lost " + settings.host() + ": " + dropped.getMessage();
      return new Delivery.Deferred(
          "4.4.2",
          mayBeThere
              ? reason
                  + "; whether the mail is in the folder is not known, a duplicate with the"
                  + " same Message-ID is possible"
              : reason);
    }

    private Delivery over(IMAPProtocol imap) throws ProtocolException, UndeliveredException {
      var step = "EXAMINE";
      try {
        requireFolder(imap);
        if (isThere(imap)) {
          return new Delivery.Delivered(settings.folder() + " has it already");
        }
        step = "APPEND";
        return append(imap);
      } catch (CommandFailedException | BadCommandException refused) {
        throw ImapRefusal.of(refused.getResponse()).failure(settings.host(), step);
      }
    }

    private void requireFolder(IMAPProtocol imap) throws ProtocolException {
      try {
        imap.examine(settings.folder());
      } catch (CommandFailedException absent) {
        if (!ImapRefusal.of(absent.getResponse()).mayBeAbsent()) {
          throw absent;
        }
        imap.create(settings.folder());
        subscribe(imap);
        imap.examine(settings.folder());
      }
    }

    /** Many mail programs show subscribed folders only (RFC 9051 §6.3.7). */
    private void subscribe(IMAPProtocol imap) throws ProtocolException {
      try {
        imap.subscribe(settings.folder());
      } catch (CommandFailedException | BadCommandException unable) {
        LOG.warn("host={} cannot subscribe: {}", settings.host(), unable.getMessage());
      }
    }

    private boolean isThere(IMAPProtocol imap) throws ProtocolException {
      var id = mail.id();
      if (id.isEmpty()) {
        return false;
      }
      try {
        return imap.search(new MessageIDTerm(id.get().toString())).length > 0;
      } catch (CommandFailedException | BadCommandException unable) {
        // Twice is better than never (design.md §6), and the Message-ID tells.
        LOG.warn("host={} cannot search: {}", settings.host(), unable.getMessage());
        return false;
      } catch (SearchException impossible) {
        throw new IllegalStateException("IMAP has a search for header fields", impossible);
      }
    }

    private Delivery append(IMAPProtocol imap) throws ProtocolException {
      mayBeThere = true;
      try {
        // Without a date the command has none (null, in the library's words): then it is now.
        var date = mail.date().map(Date::from).orElse(null);
        var uid = imap.appenduid(settings.folder(), new Flags(), date, new Octets(mail));
        mayBeThere = false;
        return new Delivery.Delivered(reference(uid));
      } catch (CommandFailedException | BadCommandException refused) {
        mayBeThere = false;
        throw refused;
      }
    }

    /** UIDVALIDITY and UID where the server tells them (RFC 9051 §7.1, APPENDUID). */
    private String reference(AppendUID uid) {
      return uid == null
          ? settings.folder()
          : settings.folder() + " uidvalidity=" + uid.uidvalidity + " uid=" + uid.uid;
    }
  }

  /** The mail as an IMAP literal. */
  private record Octets(OutgoingMail mail) implements Literal {
    @Override
    public int size() {
      return mail.size();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      out.write(mail.octets());
    }
  }
}
