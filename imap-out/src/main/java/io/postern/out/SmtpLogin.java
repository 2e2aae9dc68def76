package io.postern.out;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** AUTH PLAIN (RFC 4616) or, where it is all the server knows, LOGIN. RFC 4954. */
final class SmtpLogin {
  private static final byte[] LINE_END = {'\r', '\n'};

  private final String host;
  private final SmtpConnection connection;

  SmtpLogin(String host, SmtpConnection connection) {
    this.host = host;
    this.connection = connection;
  }

  /**
   * @param offered what the server's EHLO says behind AUTH
   * @throws UndeliveredException always a deferral: a wrong password says nothing about the mail,
   *     and whoever runs this server can put it right
   */
  void logIn(Login login, String offered)
      throws IOException, MalformedReplyException, UndeliveredException {
    var mechanisms = List.of(offered.toUpperCase(Locale.ROOT).split(" +"));
    ServerReply reply;
    if (mechanisms.contains("PLAIN")) {
      reply = plain(login);
    } else if (mechanisms.contains("LOGIN")) {
      reply = loginMechanism(login);
    } else {
      throw UndeliveredException.deferred(
          "4.7.4", host + " offers neither AUTH PLAIN nor AUTH LOGIN");
    }
    if (!reply.isPositive()) {
      var status = reply.isTransient() ? reply.status() : "4.7.8";
      throw UndeliveredException.deferred(status, host + " refused our login: " + reply);
    }
  }

  private ServerReply plain(Login login)
      throws IOException, MalformedReplyException, UndeliveredException {
    // An initial response would have to keep to 512 octets of line; after 334 there is no such
    // limit.
    var go = connection.command("AUTH PLAIN");
    if (go.code() != 334) {
      return go;
    }
    var user = login.user().getBytes(StandardCharsets.UTF_8);
    var password = login.password();
    var response = new byte[user.length + password.length + 2];
    System.arraycopy(user, 0, response, 1, user.length);
    System.arraycopy(password, 0, response, user.length + 2, password.length);
    Arrays.fill(password, (byte) 0);
    return respond(response);
  }

  private ServerReply loginMechanism(Login login)
      throws IOException, MalformedReplyException, UndeliveredException {
    var go = connection.command("AUTH LOGIN");
    if (go.code() != 334) {
      return go;
    }
    var name = respond(login.user().getBytes(StandardCharsets.UTF_8));
    return name.code() == 334 ? respond(login.password()) : name;
  }

  private ServerReply respond(byte[] secret) throws IOException, MalformedReplyException {
    var line = Base64.getEncoder().encode(secret);
    Arrays.fill(secret, (byte) 0);
    try {
      connection.write(line);
    } finally {
      Arrays.fill(line, (byte) 0);
    }
    connection.write(LINE_END);
    return connection.reply();
  }
}
