package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Hands all mail to one host that delivers it further. RFC 5321 §2.1, RFC 6409. The host is chosen
 * by whoever runs this server, so it may have a private address.
 */
public final class SmarthostSender implements MailSender {
  private final Deliver.Smarthost settings;
  private final SmtpClient client;

  /**
   * @param ownName what we call ourselves in EHLO: a domain name or an address literal
   */
  public SmarthostSender(Deliver.Smarthost settings, String ownName) {
    this(settings, new SmtpClient(ownName, SmtpTimeouts.standard(), TlsTrust.authorities()));
  }

  SmarthostSender(Deliver.Smarthost settings, SmtpClient client) {
    this.settings = settings;
    this.client = client;
  }

  @Override
  public Delivery send(Envelope envelope, byte[] octets) {
    try {
      var mail = OutgoingMail.of(octets);
      return send(envelope, mail);
    } catch (UndeliveredException stop) {
      return stop.outcome();
    }
  }

  private Delivery send(Envelope envelope, OutgoingMail mail) {
    try (var session = open()) {
      return session.send(envelope, mail);
    } catch (UndeliveredException unreachable) {
      return unreachable.outcomeOfRoute();
    }
  }

  /** A session at the first of the host's addresses that gives one. */
  private SmtpSession open() throws UndeliveredException {
    Optional<UndeliveredException> first = Optional.empty();
    for (var address : addresses()) {
      try {
        var where = new InetSocketAddress(address, settings.port());
        return client.open(client.named(settings.host(), where, settings.tls(), settings.login()));
      } catch (UndeliveredException stop) {
        first = Optional.of(first.orElse(stop));
      }
    }
    throw first.orElseThrow();
  }

  private InetAddress[] addresses() throws UndeliveredException {
    try {
      return InetAddress.getAllByName(settings.host());
    } catch (UnknownHostException unknown) {
      // Deferred even if the name does not exist: a typing error in our settings is no fault of the
      // mail's.
      throw UndeliveredException.deferred(
              "4.4.3", "the name of smarthost " + settings.host() + " does not resolve")
          .because(unknown);
    }
  }
}
