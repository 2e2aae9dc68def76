package io.postern.bridge;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/**
 * What the runtime means by its exceptions, whose messages are often no more than a file's name.
 */
final class Words {
  private Words() {}

  static String of(Exception failed) {
    if (failed instanceof UnknownHostException) {
      return "the name " + failed.getMessage() + " has no address";
    }
    if (failed instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (failed instanceof AccessDeniedException) {
      return "the permission is missing";
    }
    if (failed instanceof FileAlreadyExistsException) {
      return "a file of that name is in the way";
    }
    if (failed instanceof BindException) {
      return "the address is in use or not one of this machine (" + failed.getMessage() + ")";
    }
    var message = failed.getMessage();
    return message == null || message.isBlank() ? failed.getClass().getSimpleName() : message;
  }

  /**
   * @param setting that names the address
   */
  static BridgeException cannotListen(String setting, InetSocketAddress listen, IOException taken) {
    return new BridgeException(
        setting
            + ": cannot listen on "
            + of(listen)
            + ": "
            + of(taken)
            + "; end what uses it, or choose another port",
        taken);
  }

  /** {@code 127.0.0.1:8025}. */
  static String of(InetSocketAddress address) {
    var host =
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
