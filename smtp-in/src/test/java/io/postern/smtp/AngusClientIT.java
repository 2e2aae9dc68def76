package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.Message;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real client at the far end. */
class AngusClientIT {
  @TempDir Path folder;
  private TestServer server;

  @BeforeEach
  void open() throws Exception {
    var files = TestCertificate.write(folder.resolve("tls"), "EC", TestCertificate.KeyForm.PKCS8);
    server = TestServer.open(folder.resolve("spool"), settings -> settings.withTls(files));
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @Test
  void sendsInTheClear() throws Exception {
    send(session(false), "hello", "alice@bridge.example");

    assertThat(server.mails().get(0)).contains("Subject: hello\r\n").endsWith("text of hello\r\n");
    assertThat(trace()).contains(" with ESMTP\r\n");
  }

  @Test
  void sendsOverStartTls() throws Exception {
    send(session(true), "hello", "alice@bridge.example");

    assertTrue(server.spooled().get(0).received().tls());
    assertThat(trace()).contains(" with ESMTPS (TLSv1.3 ");
  }

  @Test
  void learnsWhyARecipientIsRefused() {
    var failed =
        assertThrows(
            SendFailedException.class, () -> send(session(false), "x", "nobody@bridge.example"));

    assertThat(failed.getNextException()).hasMessageContaining("550 5.1.1 Nobody is called so");
  }

  @Test
  void sendsTwoHundredMailsOverSeveralSessions() throws Exception {
    var threads = Executors.newFixedThreadPool(8);
    try {
      var work =
          IntStream.range(0, 8)
              .mapToObj(
                  thread ->
                      (Callable<Void>)
                          () -> {
                            sendMany(session(thread % 2 == 0), thread * 25, 25);
                            return null;
                          })
              .toList();
      for (var done : threads.invokeAll(work)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }

    var subjects =
        server.mails().stream()
            .map(mail -> mail.replaceFirst("(?s).*\r\nSubject: (\\S+)\r\n.*", "$1"))
            .toList();
    assertEquals(200, subjects.size());
    assertEquals(200, subjects.stream().distinct().count());
  }

  private String trace() throws Exception {
    return server.handedOn();
  }

  private void send(Session session, String subject, String recipient) throws Exception {
    try (var transport = session.getTransport("smtp")) {
      transport.connect("127.0.0.1", server.port(), null, null);
      var mail = mail(session, subject);
      transport.sendMessage(mail, InternetAddress.parse(recipient));
    }
  }

  private void sendMany(Session session, int first, int count) throws Exception {
    try (var transport = session.getTransport("smtp")) {
      transport.connect("127.0.0.1", server.port(), null, null);
      for (int i = first; i < first + count; i++) {
        transport.sendMessage(
            mail(session, "number-" + i), InternetAddress.parse("alice@bridge.example"));
      }
    }
  }

  private static MimeMessage mail(Session session, String subject) throws Exception {
    var mail = new MimeMessage(session);
    mail.setFrom("bob@example.org");
    mail.setRecipients(Message.RecipientType.TO, "alice@bridge.example");
    mail.setSubject(subject);
    mail.setText("text of " + subject + "\r\n");
    mail.saveChanges();
    return mail;
  }

  private static Session session(boolean startTls) {
    var properties = new Properties();
    properties.setProperty("mail.smtp.localhost", "client.example");
    properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(startTls));
    properties.setProperty("mail.smtp.starttls.required", Boolean.toString(startTls));
    properties.setProperty("mail.smtp.ssl.trust", "127.0.0.1");
    properties.setProperty("mail.smtp.ssl.checkserveridentity", "false");
    return Session.getInstance(properties);
  }
}
