package io.postern.bridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * {@code status.token} in the data folder: the token of the running daemon's status page, so that
 * whoever may read the file may change things. design.md §6. A daemon that was killed leaves one
 * that opens nothing.
 */
final class TokenFile implements AutoCloseable {
  private static final String NAME = "status.token";
  private static final int MAX_FILE = 1024;
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  private final Path file;
  private final String token;

  private TokenFile(Path file, String token) {
    this.file = file;
    this.token = token;
  }

  static Path in(Path data) {
    return data.resolve(NAME);
  }

  /** Writes the token, in place of any other, until it is closed. */
  static TokenFile write(Path data, String token) throws BridgeException {
    var file = in(data);
    try {
      PrivateFile.replace(file, (token + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException unusable) {
      throw new BridgeException(
          "data: " + file + " cannot be written: " + Words.of(unusable), unusable);
    }
    return new TokenFile(file, token);
  }

  /**
   * @throws BridgeException if there is none, or whoever asks may not read it
   */
  static String read(Path data) throws BridgeException {
    var file = in(data);
    try {
      var text = content(file);
      if (!TOKEN.matcher(text).matches()) {
        throw new BridgeException(file + " holds no token; start the daemon again");
      }
      return text;
    } catch (IOException unreadable) {
      throw new BridgeException(
          "a daemon runs, but its token cannot be read from "
              + file
              + ": "
              + Words.of(unreadable)
              + "; be the user who runs it, and name its configuration with --config or its folder"
              + " with --data",
          unreadable);
    }
  }

  private static String content(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_FILE), StandardCharsets.US_ASCII).strip();
    }
  }

  /** Takes the file away, unless it is another daemon's by now. */
  @Override
  public void close() throws IOException {
    if (Files.exists(file) && content(file).equals(token)) {
      Files.delete(file);
    }
  }
}
