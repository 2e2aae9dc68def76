package io.postern.bridge.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status page, open on the loopback until it is closed. design.md §6.
 *
 * <pre>
 * GET  /                        health, inboxes, the last journeys
 * GET  /health                  "ok", or 503 and why not: for probes
 * GET  /ready                   the same; where an instance stands by, 503: {@link StandbyPage}
 * GET  /journeys                the last journeys; ?name= those of a name; ?format=text
 * GET  /journeys/NAME           the same, NAME a spool id, a mail id, a message id
 * GET  /journeys/ID/mail.eml    the whole of a mail that is kept
 * GET  /rejects                 what was refused last; ?name= what has to do with a name
 * GET  /suppressions            who is mailed no more; ?name= and ?format=text as above
 * POST /suppressions            puts a mailbox in, or takes it out
 * GET  /dead                    what was given up; ?to= a domain or mailbox; /dead/ID one of them
 * POST /dead                    tries it again, or forgets it
 * POST /backup                  begins a backup; GET says how it goes
 * GET  /mails                   captured mails, and /mails/ID one of them
 * GET  /mails/ID/html           its HTML, for a sandboxed frame
 * GET  /mails/ID/files/N        its N-th file, from 1; /mails/ID/mail.eml the mail itself
 * POST /mails/ID/answer         answers it by way of SMTP
 * </pre>
 */
public final class StatusPage implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusPage.class);

  private final PageServer server;
  private final AccessToken token = AccessToken.random();
  private final StatusSource source;
  private final Guard guard;
  private final Pages pages;
  private final JourneyPages journeys;
  private final RejectPages rejects;
  private final SuppressionPages suppressions;
  private final DeadPages dead;
  private final BackupPages backups;
  private final Optional<MailPages> mails;
  private final String style;

  private StatusPage(PageServer server, StatusSource source, Optional<CapturedMails> captured)
      throws IOException {
    this.server = server;
    this.source = source;
    this.guard = new Guard(server.address(), token);
    var templates = new Templates();
    this.pages = new Pages(templates, captured.isPresent());
    this.journeys = new JourneyPages(source, guard, pages);
    this.rejects = new RejectPages(source, pages);
    this.suppressions = new SuppressionPages(source.suppressions(), guard, token, pages);
    this.dead = new DeadPages(source.deadLetters(), guard, token, pages);
    this.backups = new BackupPages(source.backups(), guard, pages);
    this.mails =
        captured.map(
            kept ->
                new MailPages(
                    kept.capture(),
                    new AnswerForm(kept, guard, token, pages),
                    guard,
                    pages,
                    templates));
    this.style = resource("postern.css");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = StatusPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Opens the page where mail is sent, not captured: there is nothing to read and nothing to
   * answer.
   *
   * @param listen on the loopback; port 0 takes any
   * @param workers runs the requests; bounded, because each connection that sends a request takes a
   *     thread for up to ten seconds
   * @throws IllegalArgumentException if others than this machine could reach it
   * @throws IOException if it cannot listen there
   */
  public static StatusPage open(InetSocketAddress listen, StatusSource source, Executor workers)
      throws IOException {
    return open(listen, source, Optional.empty(), workers);
  }

  /** As {@link #open(InetSocketAddress, StatusSource, Executor)}, with captured mails. */
  public static StatusPage open(
      InetSocketAddress listen, StatusSource source, CapturedMails mails, Executor workers)
      throws IOException {
    return open(listen, source, Optional.of(mails), workers);
  }

  private static StatusPage open(
      InetSocketAddress listen,
      StatusSource source,
      Optional<CapturedMails> mails,
      Executor workers)
      throws IOException {
    var server = PageServer.bind(listen);
    try {
      var page = new StatusPage(server, source, mails);
      server.start(page::respond, workers);
      LOG.info("status page listen={} captured={}", page.address(), mails.isPresent());
      return page;
    } catch (IOException | RuntimeException failed) {
      server.close();
      throw failed;
    }
  }

  /** Where it listens, with its true port. */
  public InetSocketAddress address() {
    return server.address();
  }

  /**
   * The address with the token of this start, to be printed for whoever started it, and nowhere
   * else: it lets a browser change things.
   */
  public URI entrance() {
    return server.url().resolve("/?token=" + token());
  }

  /** The token alone, for a file that only its owner may read, and nowhere else. */
  public String token() {
    return token.reveal();
  }

  /**
   * The path at which the journeys with this name are plain text, for {@code postern journey}.
   *
   * @param name a spool id, a mail id, a message id
   */
  public static String journeyPath(String name) {
    return JourneyPages.path(name) + "?format=text";
  }

  /**
   * The path at which the rejects of this name are plain text, for {@code postern rejects}.
   *
   * @param name an address, a domain, an IP address, a mail id; empty: the last rejects
   */
  public static String rejectsPath(String name) {
    return RejectPages.path(name) + "&format=text";
  }

  /**
   * The path at which the suppressed mailboxes are plain text, and at which a form with the fields
   * {@code mailbox}, {@code action} ({@code add} or {@code remove}) and {@code token} changes them,
   * for {@code postern suppress}.
   */
  public static String suppressionsPath() {
    return SuppressionPages.PATH + "?format=text";
  }

  /**
   * The path at which dead letters are plain text, for {@code postern dead}.
   *
   * @param id of one; empty: all
   * @param to a domain or a mailbox to which they were; empty: all
   */
  public static String deadPath(String id, String to) {
    return DeadPages.path(id, to);
  }

  /**
   * The path at which a form with the fields {@code file}, a whole path, and {@code token} begins a
   * backup, and which says how it goes, for {@code postern vault backup}.
   */
  public static String backupPath() {
    return BackupPages.PATH;
  }

  /**
   * The header field of a program that knows the token: what a browser sends that has shown it.
   *
   * @param port at which the page listens
   */
  public static Map.Entry<String, String> proof(int port, String token) {
    return Map.entry("Cookie", Guard.cookieName(port) + "=" + token);
  }

  private Response respond(HttpExchange exchange) {
    try {
      return admit(Request.read(exchange));
    } catch (RefusedRequest refused) {
      return pages.refusal(refused);
    } catch (IOException failed) {
      LOG.warn("a page cannot be made: {}", failed.getMessage());
      return pages.refusal(new RefusedRequest(500, "A file cannot be read; the log says which."));
    } catch (RuntimeException bug) {
      LOG.error("a page failed", bug);
      return pages.refusal(new RefusedRequest(500, "This page failed; the log says how."));
    }
  }

  private Response admit(Request request) throws RefusedRequest, IOException {
    var host = guard.requireHost(request.headers());
    if (request.isPost()) {
      guard.requireOwnPage(request.headers(), host);
    } else if (request.query().has("token")) {
      pages.requireGet(request);
      return welcome(request);
    }
    return route(request);
  }

  /** Takes the token out of the address, where others might see it, and into a cookie. */
  private Response welcome(Request request) throws RefusedRequest {
    guard.requireToken(request.query().value("token"));
    var rest = request.query().without("token");
    // A path that begins with two slashes would lead to another host.
    var path = request.rawPath().replaceAll("^/+", "/");
    return Response.seeOther(rest.isEmpty() ? path : path + "?" + rest)
        .with("Set-Cookie", guard.cookie());
  }

  private Response route(Request request) throws RefusedRequest, IOException {
    var first = request.path().get(0);
    if (first.equals("journeys")) {
      return journeys.answer(request);
    }
    if (first.equals("rejects")) {
      return rejects.answer(request);
    }
    if (first.equals("suppressions")) {
      return suppressions.answer(request);
    }
    if (first.equals("dead")) {
      return dead.answer(request);
    }
    if (first.equals("backup")) {
      return backups.answer(request);
    }
    if (first.equals("mails") && mails.isPresent()) {
      return mails.get().answer(request);
    }
    if (request.path().size() == 1) {
      switch (first) {
        case "":
          pages.requireGet(request);
          return overview();
        case "health":
        case "ready":
          pages.requireGet(request);
          return probe();
        case "postern.css":
          pages.requireGet(request);
          return Response.style(style);
        default:
      }
    }
    throw RefusedRequest.notFound(
        first.equals("mails")
            ? "No mail is captured here: deliver.via is not capture."
            : "There is no such page.");
  }

  private Response overview() {
    return pages.page(
        "overview",
        Map.of(
            "health", source.health(),
            "inboxes", source.inboxes(),
            "journeys", source.lastJourneys(JourneyPages.LISTED)));
  }

  private Response probe() {
    var health = source.health();
    if (health.isWell()) {
      return Response.text(200, "ok\n");
    }
    var why = new StringBuilder();
    if (!health.connected()) {
      why.append("not connected to the network\n");
    }
    health.troubles().forEach(trouble -> why.append(trouble).append('\n'));
    return Response.text(503, why.toString());
  }

  /** Lets the requests under way finish, for some seconds, and takes no more. */
  @Override
  public void close() {
    server.close();
  }
}
