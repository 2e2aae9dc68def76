package io.postern.bridge;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern login ADDRESS}: asks for a password, and prints the line of the logins file. */
@Command(
    name = "login",
    description = {
      "Asks for a password, and prints the line for the file that smtp.submission.logins names.",
      "Without a terminal the password is one line of the standard input."
    })
final class LoginCommand implements Callable<Integer> {
  /** In octets; what is longer than the one an attacker guesses, what is shorter anybody does. */
  private static final int LEAST = 8;

  private static final int MOST = 1024;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ADDRESS",
      description = "Whose mail program it is: the address in its From, and the name to log in by.")
  private String address;

  @Override
  public Integer call() throws Exception {
    var person = person();
    var terminal = terminal();
    var password = terminal.isPresent() ? asked(terminal.get()) : line(System.in);
    try {
      if (password.length < LEAST) {
        throw new BridgeException("the password is too short; take " + LEAST + " letters or more");
      }
      var hash = PasswordHash.of(password, new SecureRandom());
      spec.commandLine().getOut().println(person + ":" + hash.phc());
      spec.commandLine().getOut().flush();
    } finally {
      Arrays.fill(password, (byte) 0);
    }
    return 0;
  }

  /** From Java 22 on there is a console even where there is no terminal, and it says so. */
  private static Optional<Console> terminal() {
    var console = Optional.ofNullable(System.console());
    try {
      var isTerminal = Console.class.getMethod("isTerminal");
      return console.isPresent() && (boolean) isTerminal.invoke(console.get())
          ? console
          : Optional.empty();
    } catch (NoSuchMethodException beforeJava22) {
      return console;
    } catch (IllegalAccessException | InvocationTargetException broken) {
      throw new IllegalStateException("the console cannot be asked", broken);
    }
  }

  private Mailbox person() throws BridgeException {
    try {
      return Mailbox.parse(address).canonical();
    } catch (MailException malformed) {
      throw new BridgeException(malformed.advice() + "; write bob@example.org", malformed);
    }
  }

  /** Asks on the standard error, so that the line alone goes where the output goes. */
  private byte[] asked(Console console) throws BridgeException {
    var first = secret(console, "Password: ");
    var again = secret(console, "The same again: ");
    try {
      if (!Arrays.equals(first, again)) {
        throw new BridgeException("these are two passwords; try again");
      }
      return octets(first);
    } finally {
      Arrays.fill(first, ' ');
      Arrays.fill(again, ' ');
    }
  }

  private char[] secret(Console console, String prompt) throws BridgeException {
    var err = spec.commandLine().getErr();
    err.print(prompt);
    err.flush();
    var secret = console.readPassword();
    if (secret == null) {
      throw new BridgeException("there is no password");
    }
    return secret;
  }

  private static byte[] octets(char[] secret) {
    var encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
    var octets = new byte[encoded.remaining()];
    encoded.get(octets);
    Arrays.fill(encoded.array(), (byte) 0);
    return octets;
  }

  /** One line, without its end. */
  static byte[] line(InputStream in) throws IOException, BridgeException {
    var line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (octet == 0 || line.size() == MOST) {
        throw new BridgeException("that is no password; write one line of it");
      }
      line.write(octet);
    }
    var octets = line.toByteArray();
    boolean carriage = octets.length > 0 && octets[octets.length - 1] == '\r';
    return carriage ? Arrays.copyOf(octets, octets.length - 1) : octets;
  }
}
