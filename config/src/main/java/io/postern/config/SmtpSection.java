package io.postern.config;

import io.postern.smtp.SmtpSettings;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Reads {@code smtp}: key by key, so that each mistake is told on its own line. */
final class SmtpSection {
  private final Section section;

  SmtpSection(Section section) {
    this.section = section;
  }

  SmtpSettings read(SmtpSettings base) {
    var smtp = section.with(base, "listen", Values::listen, SmtpSection::withListen);
    smtp = section.with(smtp, "hostname", Values::domain, SmtpSection::withHostname);
    smtp =
        section.with(
            smtp,
            "maxMailBytes",
            Values::octets,
            (s, octets) -> s.withLimits(octets, s.maxRecipients()));
    smtp =
        section.with(
            smtp,
            "maxRecipients",
            Values::count,
            (s, count) -> s.withLimits(s.maxMailBytes(), count));
    smtp =
        section.with(
            smtp,
            "idleTimeout",
            Values::duration,
            (s, time) -> s.withTimeouts(time, s.dataTimeout(), s.sessionTimeout()));
    smtp =
        section.with(
            smtp,
            "dataTimeout",
            Values::duration,
            (s, time) -> s.withTimeouts(s.idleTimeout(), time, s.sessionTimeout()));
    smtp =
        section.with(
            smtp,
            "sessionTimeout",
            Values::duration,
            (s, time) -> s.withTimeouts(s.idleTimeout(), s.dataTimeout(), time));
    smtp =
        section.with(
            smtp,
            "maxSessions",
            Values::count,
            (s, count) ->
                s.withClientLimits(
                    count, s.maxSessionsPerAddress(), s.maxMailsPerMinutePerAddress()));
    smtp =
        section.with(
            smtp,
            "maxSessionsPerAddress",
            Values::count,
            (s, count) ->
                s.withClientLimits(s.maxSessions(), count, s.maxMailsPerMinutePerAddress()));
    smtp =
        section.with(
            smtp,
            "maxMailsPerMinutePerAddress",
            Values::count,
            (s, count) -> s.withClientLimits(s.maxSessions(), s.maxSessionsPerAddress(), count));
    return section.sectionIfAny("tls").flatMap(SmtpSection::tls).map(smtp::withTls).orElse(smtp);
  }

  private static Optional<SmtpSettings.TlsFiles> tls(Section tls) {
    var certificate =
        tls.required("certificate", Values::path, "the path of a PEM file with the certificates");
    var key = tls.required("key", Values::path, "the path of a PEM file with the private key");
    tls.refuseOthers();
    if (certificate.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new SmtpSettings.TlsFiles(certificate.get(), key.get()));
  }

  private static SmtpSettings withListen(SmtpSettings base, InetSocketAddress listen) {
    return copy(base, listen.getAddress().getHostAddress(), listen.getPort(), base.hostname());
  }

  private static SmtpSettings withHostname(SmtpSettings base, String hostname) {
    return copy(base, base.host(), base.port(), hostname);
  }

  private static SmtpSettings copy(SmtpSettings base, String host, int port, String hostname) {
    return new SmtpSettings(
        host,
        port,
        hostname,
        base.maxMailBytes(),
        base.maxRecipients(),
        base.idleTimeout(),
        base.dataTimeout(),
        base.sessionTimeout(),
        base.maxSessions(),
        base.maxSessionsPerAddress(),
        base.maxMailsPerMinutePerAddress(),
        base.tls());
  }
}
