package io.postern.out;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A user's name and the file that holds the password. The file is read at each use, so that a
 * changed password needs no restart, and its content is never kept or printed.
 *
 * @param user as the server knows it
 * @param passwordFile holds the password in UTF-8; one line end after it is not part of it
 */
public record Login(String user, Path passwordFile) {
  private static final long MAX_PASSWORD_FILE = 4_096;

  /**
   * @throws IllegalArgumentException if the name is empty or holds a control character
   */
  public Login {
    if (user.isEmpty() || user.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("user must be one line and not empty");
    }
  }

  /**
   * The password's octets; the caller erases them after use.
   *
   * @throws UndeliveredException 4.3.5 if the file cannot be read or holds no password: the mail
   *     waits until whoever runs the server has put that right
   */
  byte[] password() throws UndeliveredException {
    byte[] content;
    try {
      if (Files.size(passwordFile) > MAX_PASSWORD_FILE) {
        throw unusable("is larger than " + MAX_PASSWORD_FILE + " octets");
      }
      content = Files.readAllBytes(passwordFile);
    } catch (IOException unreadable) {
      throw unusable("cannot be read").because(unreadable);
    }
    try {
      int end = content.length;
      if (end > 0 && content[end - 1] == '\n') {
        end--;
      }
      if (end > 0 && content[end - 1] == '\r') {
        end--;
      }
      for (int i = 0; i < end; i++) {
        // RFC 4616 §2 separates by NUL; a line end inside would be another command.
        if (content[i] == 0 || content[i] == '\r' || content[i] == '\n') {
          throw unusable("must hold the password on its only line");
        }
      }
      if (end == 0) {
        throw unusable("is empty");
      }
      return Arrays.copyOf(content, end);
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /** {@link #password} for a library that takes nothing but strings. */
  String passwordText() throws UndeliveredException {
    var octets = password();
    try {
      return new String(octets, StandardCharsets.UTF_8);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  private UndeliveredException unusable(String what) {
    return UndeliveredException.deferred("4.3.5", "password file " + passwordFile + " " + what);
  }
}
