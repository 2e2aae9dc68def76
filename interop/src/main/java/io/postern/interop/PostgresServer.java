package io.postern.interop;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server on the loopback, one for all tests of a process. It is started by the first
 * test that asks for it, and a shell beside it ends it by its process id, and removes what it
 * wrote, when this process ends, however it does. It runs as nobody where we are root, since it
 * refuses root.
 */
public final class PostgresServer {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String USER = "postern";

  /** Other users of this machine reach the loopback, too. */
  private static final String PASSWORD = "p" + Long.toHexString(System.nanoTime());

  private static final int NOBODY = 65_534;

  /** Its standard input ends when this process does; signals are for all that a terminal runs. */
  private static final String KEEPER =
      """
      trap '' HUP INT TERM
      folder=$1; shift
      "$@" </dev/null &
      server=$!
      while read -r line; do :; done
      kill -QUIT $server
      wait $server
      rm -rf "$folder"
      """;

  private static PostgresServer running;

  private final int port;

  /** Kept, since what it is told by its input ends with it. */
  private final Process keeper;

  private final Map<String, PostgresDatabase> templates = new HashMap<>();
  private final Map<String, PostgresDatabase> databases = new HashMap<>();
  private int made;

  private PostgresServer(int port, Process keeper) {
    this.port = port;
    this.keeper = keeper;
  }

  /** Makes the tables of a database. */
  @FunctionalInterface
  public interface Tables {
    void make(PGSimpleDataSource database) throws SQLException;
  }

  /** Skips the running test if there can be none here; fails where {@code CI=true}. */
  public static synchronized PostgresServer require() {
    Interop.require(PostgresPrograms.missing());
    if (running == null) {
      try {
        running = start();
      } catch (IOException failed) {
        throw new IllegalStateException(failed);
      }
    }
    return running;
  }

  private static PostgresServer start() throws IOException {
    var folder = Files.createTempDirectory("postern-postgres-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var programs = PostgresPrograms.find(folder);
    var data = Files.createDirectory(folder.resolve("data"));
    if (isRoot()) {
      Files.setAttribute(data, "unix:uid", NOBODY);
      Files.setAttribute(data, "unix:gid", NOBODY);
    }
    var password = Files.writeString(folder.resolve("password"), PASSWORD);
    var log = folder.resolve("server.log");
    run(
        log,
        asNobody(
            programs.resolve("initdb").toString(),
            "--pgdata=" + data,
            "--username=" + USER,
            "--pwfile=" + password,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync"));
    int port = Servers.freePort();
    var command = new ArrayList<>(List.of("sh", "-c", KEEPER, "keeper", folder.toString()));
    command.addAll(
        asNobody(
            programs.resolve("postgres").toString(),
            "-D",
            data.toString(),
            "-p",
            Integer.toString(port),
            "-F",
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=200",
            "-c",
            "shared_buffers=32MB"));
    var server = new PostgresServer(port, shell(log, command));
    await().atMost(PATIENCE).until(() -> server.answers(log));
    return server;
  }

  private static Process shell(Path log, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .directory(Path.of("/").toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private static void run(Path log, List<String> command) throws IOException {
    try {
      if (shell(log, command).waitFor() != 0) {
        throw new IOException(command + " failed:\n" + Files.readString(log));
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stop);
    }
  }

  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static List<String> asNobody(String... command) {
    var all = new ArrayList<String>();
    if (isRoot()) {
      var id = Integer.toString(NOBODY);
      all.addAll(
          List.of(
              PostgresPrograms.SETPRIV.toString(), "--reuid", id, "--regid", id, "--clear-groups"));
    }
    all.addAll(List.of(command));
    return all;
  }

  private boolean answers(Path log) throws IOException {
    if (!keeper.isAlive()) {
      throw new IOException("PostgreSQL ended at once:\n" + Files.readString(log));
    }
    try (var connection = connect()) {
      return connection.isValid(1);
    } catch (SQLException notYet) {
      return false;
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(at("postgres").url(), USER, PASSWORD);
  }

  private PostgresDatabase at(String name) {
    return new PostgresDatabase("jdbc:postgresql://127.0.0.1:" + port + "/" + name, USER, PASSWORD);
  }

  /** A new database without tables. */
  public synchronized PostgresDatabase newDatabase() {
    return create("template0");
  }

  /**
   * The database of a name; a new one if it has not been asked for yet. Its tables are made once,
   * and copied then.
   *
   * @param kind names the tables
   */
  public synchronized PostgresDatabase database(String name, String kind, Tables tables) {
    return databases.computeIfAbsent(name, absent -> create(template(kind, tables)));
  }

  private String template(String kind, Tables tables) {
    var template =
        templates.computeIfAbsent(
            kind,
            absent -> {
              var database = create("template0");
              try {
                tables.make(database.source());
              } catch (SQLException failed) {
                throw new IllegalStateException(failed);
              }
              return database;
            });
    return template.name();
  }

  private PostgresDatabase create(String template) {
    var name = "t" + ++made;
    execute("create database " + name + " template " + template);
    return at(name);
  }

  /** Drops the databases that were asked for by name, with all connections to them. */
  synchronized void forget() {
    databases.values().forEach(gone -> execute("drop database " + gone.name() + " with (force)"));
    databases.clear();
  }

  private void execute(String sql) {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failed) {
      throw new IllegalStateException(sql, failed);
    }
  }
}
