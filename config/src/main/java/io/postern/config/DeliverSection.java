package io.postern.config;

import io.postern.out.Deliver;
import io.postern.out.Login;
import io.postern.out.TlsMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code deliver}: how all mail leaves, or how that of one person does. */
final class DeliverSection {
  private static final int SUBMISSION_PORT = 587;
  private static final int IMAPS_PORT = 993;
  private static final String FOLDER = "XMTP";

  private final Section section;

  DeliverSection(Section section) {
    this.section = section;
  }

  private enum Via {
    MX,
    SMARTHOST,
    IMAP,
    CAPTURE
  }

  /**
   * The way of all mail, {@code {via: …}}. Empty only after a mistake.
   *
   * @param captured where captured mail goes
   */
  Optional<Deliver> ofAll(Path captured) {
    var deliver =
        section
            .required("via", Values.oneOf(Via.class), "mx, smarthost, imap or capture")
            .flatMap(via -> beside(via, captured));
    section.refuseOthers();
    return deliver;
  }

  /** The way of one person's mail, <code>{imap: {…}}</code>. Empty only after a mistake. */
  Optional<Deliver> ofOne() {
    var ways = List.of("imap", "smarthost");
    if (ways.stream().filter(section::has).count() != 1) {
      ways.forEach(section::node);
      section.wrong(" has no single way; write imap: {host: …} or smarthost: {host: …}");
      section.refuseOthers();
      return Optional.empty();
    }
    var deliver =
        section.has("imap")
            ? inside("imap", DeliverSection::imap)
            : inside("smarthost", DeliverSection::smarthost);
    ways.forEach(section::node);
    section.refuseOthers();
    return deliver;
  }

  /**
   * A folder from which mail is fetched, <code>{imap: {…}}</code>. Empty after a mistake.
   *
   * @param example of a folder's name
   */
  Optional<Deliver.Imap> ofReceived(String example) {
    if (!section.has("imap")) {
      section.wrong(" names no folder; write imap: {host: …, folder: " + example + "}");
      section.refuseOthers();
      return Optional.empty();
    }
    var inner = section.section("imap");
    var folder =
        inner.required("folder", Values::line, "the folder's name, for example " + example);
    var imap = imap(inner).map(Deliver.Imap.class::cast);
    inner.refuseOthers();
    section.refuseOthers();
    return folder.isPresent() ? imap : Optional.empty();
  }

  private interface Kind {
    Optional<Deliver> read(Section section);
  }

  private Optional<Deliver> beside(Via via, Path captured) {
    return switch (via) {
      case MX -> Optional.of(new Deliver.Mx(routes()));
      case CAPTURE -> Optional.of(new Deliver.Capture(captured));
      case SMARTHOST -> smarthost(section);
      case IMAP -> imap(section);
    };
  }

  private List<Deliver.Route> routes() {
    var routes = new ArrayList<Deliver.Route>();
    for (var entry : section.sections("routes", "each entry with domain and smarthost")) {
      var domain = entry.required("domain", Values::domainOrBelow, "a domain, or *. before one");
      var smarthost =
          entry.has("smarthost")
              ? new DeliverSection(entry).inside("smarthost", DeliverSection::smarthost)
              : noSmarthost(entry);
      entry.refuseOthers();
      if (domain.isPresent() && routes.stream().anyMatch(r -> r.domain().equals(domain.get()))) {
        entry.wrong(
            "domain", entry.path() + "domain " + domain.get() + " stands twice; take one out");
      } else if (domain.isPresent() && smarthost.isPresent()) {
        routes.add(new Deliver.Route(domain.get(), (Deliver.Smarthost) smarthost.get()));
      }
    }
    return routes;
  }

  private static Optional<Deliver> noSmarthost(Section entry) {
    entry.node("smarthost");
    entry.wrong(" names no smarthost; write smarthost: {host: …}");
    return Optional.empty();
  }

  private Optional<Deliver> inside(String key, Kind kind) {
    var inner = section.section(key);
    var deliver = kind.read(inner);
    inner.refuseOthers();
    return deliver;
  }

  private static Optional<Deliver> smarthost(Section section) {
    var host = section.required("host", Values::host, "the name of the server");
    int port = section.value("port", Values::port).orElse(SUBMISSION_PORT);
    var tls = section.value("tls", Values.oneOf(TlsMode.class)).orElse(TlsMode.REQUIRED);
    boolean hasLogin = section.has("user") || section.has("passwordFile");
    var login = hasLogin ? login(section) : noLogin(section);
    if (host.isEmpty() || hasLogin && (login.isEmpty() || showsPassword(section, tls))) {
      return Optional.empty();
    }
    return Optional.of(new Deliver.Smarthost(host.get(), port, login, tls));
  }

  private static Optional<Deliver> imap(Section section) {
    var host = section.required("host", Values::host, "the name of the server");
    int port = section.value("port", Values::port).orElse(IMAPS_PORT);
    var tls = section.value("tls", Values.oneOf(TlsMode.class)).orElse(TlsMode.IMPLICIT);
    var folder = section.value("folder", Values::line).orElse(FOLDER);
    var login = login(section);
    if (host.isEmpty() || login.isEmpty() || showsPassword(section, tls)) {
      return Optional.empty();
    }
    return Optional.of(new Deliver.Imap(host.get(), port, login.get(), folder, tls));
  }

  private static Optional<Login> login(Section section) {
    var user = section.required("user", Values::line, "the name to log in with");
    var file = section.required("passwordFile", Values::path, "the path of its password's file");
    if (user.isEmpty() || file.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Login(user.get(), file.get()));
  }

  private static boolean showsPassword(Section section, TlsMode tls) {
    if (tls != TlsMode.OPPORTUNISTIC) {
      return false;
    }
    section.wrong(
        "tls",
        section.path()
            + "tls is opportunistic, which would show the password to whoever hides STARTTLS;"
            + " write required or implicit, or none for a server on this machine");
    return true;
  }

  private static Optional<Login> noLogin(Section section) {
    section.node("user");
    section.node("passwordFile");
    return Optional.empty();
  }
}
