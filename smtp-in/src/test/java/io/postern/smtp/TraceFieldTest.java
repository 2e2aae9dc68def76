package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.postern.mail.Mailbox;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TraceFieldTest {
  private static final SpoolId ID = new SpoolId("01JDGQ0000000000000000000A");
  private static final Instant AT = Instant.parse("2026-11-05T01:02:03Z");

  @Test
  void tellsWhoWhereHowAndWhen() throws Exception {
    var client =
        new SmtpClient(
            InetAddress.getByName("203.0.113.5"),
            "mail.example.org",
            true,
            Optional.of("TLSv1.3 TLS_AES_256_GCM_SHA384"),
            Optional.empty());

    assertEquals(
        "Received: from mail.example.org ([203.0.113.5])\r\n"
            + "\tby mx.bridge.example with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
            + "\tid 01JDGQ0000000000000000000A\r\n"
            + "\tfor <alice@bridge.example>; Thu, 5 Nov 2026 01:02:03 +0000\r\n",
        received(client, false, "alice@bridge.example"));
  }

  @Test
  void hidesRecipientsWhereThereAreSeveral() throws Exception {
    var client = client("2001:db8::1", false);

    var field = received(client, false, "a@bridge.example", "b@bridge.example");

    assertThat(field)
        .contains("([IPv6:2001:db8:0:0:0:0:0:1])", "with SMTP\r\n", "0000000A; Thu")
        .doesNotContain("for <");
  }

  @Test
  void tellsNotWhereSomebodyIsWhoHasLoggedIn() throws Exception {
    var client =
        SmtpClient.at(InetAddress.getByName("203.0.113.5"))
            .encrypted("TLSv1.3")
            .introduced("bobs-laptop.home.example", true)
            .loggedIn(Mailbox.parse("bob@example.org"));

    assertEquals(
        "Received: from login (authenticated)\r\n"
            + "\tby mx.bridge.example with ESMTPSA (TLSv1.3)\r\n"
            + "\tid 01JDGQ0000000000000000000A\r\n"
            + "\tfor <alice@bridge.example>; Thu, 5 Nov 2026 01:02:03 +0000\r\n",
        received(client, false, "alice@bridge.example"));
  }

  @Test
  void namesTheProtocolOfRfc3848AndRfc6531() throws Exception {
    var esmtp = client("203.0.113.5", true);

    assertThat(received(esmtp, false, "a@b.example")).contains(" with ESMTP\r\n");
    assertThat(received(esmtp, true, "a@b.example")).contains(" with UTF8SMTP\r\n");
    assertThat(received(esmtp.encrypted("x").introduced("h", true), true, "a@b.example"))
        .contains(" with UTF8SMTPS (x)\r\n");
    assertThat(received(esmtp.encrypted("x"), false, "a@b.example"))
        .as("HELO over TLS")
        .contains(" with ESMTPS (x)\r\n");
  }

  @Test
  void theNullSenderHasAnEmptyReturnPath() throws Exception {
    assertEquals("Return-Path: <>\r\n", text(TraceField.returnPath(Optional.empty())));
    assertEquals(
        "Return-Path: <\"a b\"@example.org>\r\n",
        text(TraceField.returnPath(Optional.of(Mailbox.parse("\"a b\"@example.org")))));
  }

  private static SmtpClient client(String address, boolean extended) throws Exception {
    return SmtpClient.at(InetAddress.getByName(address)).introduced("h.example", extended);
  }

  private static String received(SmtpClient client, boolean smtpUtf8, String... recipients)
      throws Exception {
    var mailboxes = new java.util.ArrayList<Mailbox>();
    for (var recipient : recipients) {
      mailboxes.add(Mailbox.parse(recipient));
    }
    return text(
        TraceField.received(client, "mx.bridge.example", ID, List.copyOf(mailboxes), smtpUtf8, AT));
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }
}
