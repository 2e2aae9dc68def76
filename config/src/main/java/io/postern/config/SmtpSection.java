package io.postern.config;

import io.postern.mail.auth.IpNetwork;
import io.postern.smtp.SmtpSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code smtp}: key by key, so that each mistake is told on its own line. */
final class SmtpSection {
  private final Section section;

  SmtpSection(Section section) {
    this.section = section;
  }

  SmtpSettings read(SmtpSettings base) {
    var smtp =
        section.with(
            base,
            "listen",
            Values::listen,
            (s, listen) -> s.withListen(listen.getAddress().getHostAddress(), listen.getPort()));
    smtp = section.with(smtp, "hostname", Values::domain, SmtpSettings::withHostname);
    smtp = clients(timeouts(mails(smtp)));
    smtp = section.sectionIfAny("tls").flatMap(SmtpSection::tls).map(smtp::withTls).orElse(smtp);
    smtp = smtp.withProxies(proxies());
    var submission = section.sectionIfAny("submission");
    return submission.isPresent() ? submission(smtp, submission.get()) : smtp;
  }

  private SmtpSettings submission(SmtpSettings base, Section submission) {
    var starttls = submission.value("starttls", Values::listen);
    var implicitTls = submission.value("implicitTls", Values::listen);
    var logins =
        submission.required(
            "logins", Values::path, "the path of a file of lines that postern login prints");
    submission.refuseOthers();
    boolean isTold =
        logins.isEmpty()
            || submission.has("starttls") && starttls.isEmpty()
            || submission.has("implicitTls") && implicitTls.isEmpty()
            || section.has("tls") && base.tls().isEmpty();
    if (isTold) {
      return base;
    }
    try {
      return base.withSubmission(new SmtpSettings.Submission(starttls, implicitTls, logins.get()));
    } catch (IllegalArgumentException refused) {
      section.wrong("submission", refused.getMessage());
      return base;
    }
  }

  private List<IpNetwork> proxies() {
    var networks = new ArrayList<IpNetwork>();
    for (var item : section.list("proxies", "for example [10.0.0.0/8]")) {
      section.scalar("proxies", item, Values::network).ifPresent(networks::add);
    }
    return networks;
  }

  private SmtpSettings mails(SmtpSettings base) {
    var smtp =
        section.with(
            base,
            "maxMailBytes",
            Values::octets,
            (s, octets) -> s.withLimits(octets, s.mails().maxRecipients()));
    return section.with(
        smtp,
        "maxRecipients",
        Values::count,
        (s, count) -> s.withLimits(s.mails().maxMailBytes(), count));
  }

  private SmtpSettings timeouts(SmtpSettings base) {
    var smtp =
        section.with(
            base,
            "idleTimeout",
            Values::duration,
            (s, time) -> s.withTimeouts(time, s.timeouts().data(), s.timeouts().session()));
    smtp =
        section.with(
            smtp,
            "dataTimeout",
            Values::duration,
            (s, time) -> s.withTimeouts(s.timeouts().idle(), time, s.timeouts().session()));
    return section.with(
        smtp,
        "sessionTimeout",
        Values::duration,
        (s, time) -> s.withTimeouts(s.timeouts().idle(), s.timeouts().data(), time));
  }

  private SmtpSettings clients(SmtpSettings base) {
    var smtp =
        section.with(
            base,
            "maxSessions",
            Values::count,
            (s, count) ->
                s.withClientLimits(
                    count,
                    s.clients().maxSessionsPerAddress(),
                    s.clients().maxMailsPerMinutePerAddress()));
    smtp =
        section.with(
            smtp,
            "maxSessionsPerAddress",
            Values::count,
            (s, count) ->
                s.withClientLimits(
                    s.clients().maxSessions(), count, s.clients().maxMailsPerMinutePerAddress()));
    return section.with(
        smtp,
        "maxMailsPerMinutePerAddress",
        Values::count,
        (s, count) ->
            s.withClientLimits(
                s.clients().maxSessions(), s.clients().maxSessionsPerAddress(), count));
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
}
