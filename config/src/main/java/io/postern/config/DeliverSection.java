package io.postern.config;

import io.postern.out.Deliver;
import io.postern.out.Login;
import io.postern.out.TlsMode;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads {@code deliver}: {@code {via: mx}}, {@code {via: smarthost, host: …}}, or a section named
 * by its kind, {@code {imap: {host: …}}}.
 */
final class DeliverSection {
  private static final int SUBMISSION_PORT = 587;
  private static final int IMAPS_PORT = 993;
  private static final String FOLDER = "XMTP";

  private final Section section;
  private final Path captured;

  /**
   * @param captured where captured mail goes
   */
  DeliverSection(Section section, Path captured) {
    this.section = section;
    this.captured = captured;
  }

  private enum Via {
    MX,
    SMARTHOST,
    IMAP,
    CAPTURE
  }

  /** Empty only after a mistake. */
  Optional<Deliver> read() {
    Optional<Deliver> deliver = Optional.empty();
    if (section.has("via")) {
      deliver = section.value("via", Values.oneOf(Via.class)).flatMap(this::beside);
    } else if (section.has("imap")) {
      deliver = inside("imap", DeliverSection::imap);
    } else if (section.has("smarthost")) {
      deliver = inside("smarthost", DeliverSection::smarthost);
    } else {
      section.required("via", Values::text, "mx, smarthost, imap or capture");
    }
    section.refuseOthers();
    return deliver;
  }

  private interface Kind {
    Optional<Deliver> read(Section section);
  }

  private Optional<Deliver> beside(Via via) {
    return switch (via) {
      case MX -> Optional.of(new Deliver.Mx());
      case CAPTURE -> Optional.of(new Deliver.Capture(captured));
      case SMARTHOST -> smarthost(section);
      case IMAP -> imap(section);
    };
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
