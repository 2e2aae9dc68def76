package io.postern.smtp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * An AUTH command and the lines that follow it, until name and password are here. RFC 4954 §4;
 * PLAIN of RFC 4616, and LOGIN, which has no RFC and which some mail programs still prefer.
 *
 * <p>All that the client says stays octets, which are erased: no text holds a password.
 */
final class AuthExchange {
  /** What EHLO offers. */
  static final String OFFER = "AUTH PLAIN LOGIN";

  private static final byte[] VERB = {'A', 'U', 'T', 'H'};
  private static final int MAX_MECHANISM = 20;

  /** In BASE64, as every client expects them: {@code Username:}, {@code Password:}. */
  private static final SmtpReply ASK_NAME = SmtpReply.of(334, "", "VXNlcm5hbWU6");

  private static final SmtpReply ASK_PASSWORD = SmtpReply.of(334, "", "UGFzc3dvcmQ6");
  private static final SmtpReply ASK = SmtpReply.of(334, "", "");

  private final Wire wire;

  private AuthExchange(Wire wire) {
    this.wire = wire;
  }

  /** Whether a command line is an AUTH command, so that nobody makes text of it. */
  static boolean isBegunBy(byte[] line) {
    for (int i = 0; i < VERB.length; i++) {
      if (i >= line.length || Character.toUpperCase(line[i]) != VERB[i]) {
        return false;
      }
    }
    return line.length == VERB.length || line[VERB.length] == ' ';
  }

  /**
   * Holds the dialogue.
   *
   * @param line of the command
   * @throws CommandException if the client cancels it, or says what the mechanism does not know
   */
  static Credentials hold(byte[] line, Wire wire) throws IOException, CommandException {
    int from = Math.min(line.length, VERB.length + 1);
    int space = from;
    while (space < line.length && line[space] != ' ') {
      space++;
    }
    var mechanism =
        new String(line, from, Math.min(space - from, MAX_MECHANISM), StandardCharsets.US_ASCII)
            .toUpperCase(Locale.ROOT);
    Optional<byte[]> initial =
        space < line.length
            ? Optional.of(Arrays.copyOfRange(line, space + 1, line.length))
            : Optional.empty();
    try {
      var exchange = new AuthExchange(wire);
      return switch (mechanism) {
        case "PLAIN" -> exchange.plain(initial);
        case "LOGIN" -> exchange.login(initial);
        default ->
            throw new CommandException(504, "5.5.4", "The mechanisms here are PLAIN and LOGIN");
      };
    } finally {
      initial.ifPresent(AuthExchange::erase);
    }
  }

  /** RFC 4616 §2: {@code [authzid] NUL authcid NUL passwd}. */
  private Credentials plain(Optional<byte[]> initial) throws IOException, CommandException {
    var message = initial.isPresent() ? initial(initial.get()) : answer(ASK);
    try {
      int first = indexOfNul(message, 0);
      int second = first < 0 ? -1 : indexOfNul(message, first + 1);
      if (second < 0 || indexOfNul(message, second + 1) >= 0) {
        throw malformed("PLAIN is name, NUL, name, NUL, password");
      }
      var asWhom = text(message, 0, first);
      var name = text(message, first + 1, second);
      // RFC 4616 §2: whom to act as. Nobody acts as another here.
      if (!asWhom.isEmpty() && !asWhom.equals(name)) {
        throw new CommandException(535, "5.7.8", "Log in as the one whom you want to be");
      }
      return credentials(name, Arrays.copyOfRange(message, second + 1, message.length));
    } finally {
      erase(message);
    }
  }

  private Credentials login(Optional<byte[]> initial) throws IOException, CommandException {
    var name = initial.isPresent() ? initial(initial.get()) : answer(ASK_NAME);
    try {
      return credentials(text(name, 0, name.length), answer(ASK_PASSWORD));
    } finally {
      erase(name);
    }
  }

  private static Credentials credentials(String name, byte[] password) throws CommandException {
    if (password.length == 0) {
      throw malformed("there is no password");
    }
    return new Credentials(name, password);
  }

  /** RFC 4954 §4: a single {@code =} stands for an empty one. */
  private static byte[] initial(byte[] line) throws CommandException {
    return line.length == 1 && line[0] == '=' ? new byte[0] : decoded(line);
  }

  private byte[] answer(SmtpReply challenge) throws IOException, CommandException {
    wire.send(challenge);
    var line = wire.authLine();
    try {
      if (line.length == 1 && line[0] == '*') {
        throw new CommandException(501, "5.7.0", "Cancelled, as you wish");
      }
      return decoded(line);
    } finally {
      erase(line);
    }
  }

  private static byte[] decoded(byte[] line) throws CommandException {
    try {
      return Base64.getDecoder().decode(line);
    } catch (IllegalArgumentException notBase64) {
      throw new CommandException(501, "5.5.2", "That is not BASE64");
    }
  }

  /** What is not UTF-8 becomes a name that nobody has. */
  private static String text(byte[] message, int from, int to) {
    return new String(message, from, to - from, StandardCharsets.UTF_8);
  }

  private static int indexOfNul(byte[] message, int from) {
    for (int i = from; i < message.length; i++) {
      if (message[i] == 0) {
        return i;
      }
    }
    return -1;
  }

  private static void erase(byte[] secret) {
    Arrays.fill(secret, (byte) 0);
  }

  private static CommandException malformed(String why) {
    return new CommandException(501, "5.5.2", "Malformed: " + why);
  }
}
