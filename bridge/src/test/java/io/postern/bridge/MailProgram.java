package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.smtp.ListenerKind;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Properties;

/** A mail program that somebody with a login has set up for a listener of this machine. */
final class MailProgram {
  /** Of everybody. */
  static final String PASSWORD = "correct horse battery";

  private final Properties properties = new Properties();
  private final int port;

  MailProgram(SelfMadeTls tls, ListenerKind kind, int port) {
    this.port = port;
    boolean implicit = kind == ListenerKind.SUBMISSIONS;
    properties.put("mail.smtp.ssl.socketFactory", tls.context().getSocketFactory());
    properties.setProperty("mail.smtp.localhost", "home.example");
    properties.setProperty("mail.smtp.auth", "true");
    properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(implicit));
    properties.setProperty("mail.smtp.starttls.required", Boolean.toString(!implicit));
    properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
  }

  /** A file of logins for the listeners. */
  static Path logins(Path folder, Mailbox... people) throws IOException {
    var file = folder.resolve("logins");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    var hash = PasswordHash.of(PASSWORD.getBytes(StandardCharsets.UTF_8), new SecureRandom());
    var lines = List.of(people).stream().map(who -> who + ":" + hash.phc()).toList();
    return Files.write(file, lines);
  }

  /** It asks for no TLS any more. */
  MailProgram inTheClear() {
    properties.setProperty("mail.smtp.starttls.required", "false");
    properties.setProperty("mail.smtp.starttls.enable", "false");
    return this;
  }

  /** As people do. */
  void send(Mailbox login, Mailbox to, String text) throws MessagingException {
    send(login, PASSWORD, login, login, to, text);
  }

  /**
   * @param path the reverse-path
   */
  void send(Mailbox login, String password, Mailbox path, Mailbox from, Mailbox to, String text)
      throws MessagingException {
    properties.setProperty("mail.smtp.from", path.toString());
    var session = Session.getInstance(properties);
    var mail = new MimeMessage(session);
    mail.setFrom(from.toString());
    mail.setRecipients(Message.RecipientType.TO, to.toString());
    mail.setSubject("Lunch");
    mail.setText(text);
    mail.saveChanges();
    try (var transport = session.getTransport("smtp")) {
      transport.connect("localhost", port, login.toString(), password);
      transport.sendMessage(mail, InternetAddress.parse(to.toString()));
    }
  }
}
