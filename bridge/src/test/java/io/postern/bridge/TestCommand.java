package io.postern.bridge;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/** Commands as they are typed, with a configuration of their own; no daemon serves it. */
final class TestCommand {
  private final Path folder;

  private TestCommand(Path folder) {
    this.folder = folder;
  }

  static TestCommand in(Path folder) throws IOException {
    var command = new TestCommand(folder);
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      command.daemonAt(socket.getLocalPort());
    }
    return command;
  }

  Path config() {
    return folder.resolve("postern.yml");
  }

  Path data() {
    return folder.resolve("data");
  }

  /** The status page is said to listen at this port. */
  void daemonAt(int port) throws IOException {
    Files.writeString(
        config(),
        "network: local\ndata: " + data() + "\nweb: {listen: '127.0.0.1:" + port + "'}\n");
  }

  /** What it printed, its status first. */
  String run(Object command, String... arguments) {
    var out = new StringWriter();
    var line = new CommandLine(command);
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    line.setExecutionExceptionHandler(
        (failed, failing, parsed) -> {
          failing.getErr().println(failed.getMessage());
          return 1;
        });
    var all = new String[arguments.length + 2];
    all[0] = "--config";
    all[1] = config().toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    int status = line.execute(all);
    return status + " " + out;
  }
}
