package io.postern.xmtp.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The migrations of a folder of the class path, looked at without Flyway, whose own start is a
 * quarter of a daemon's. It can only be said that there is nothing to do: each of them has been
 * applied as it is now, and no other. Whatever else there is to say, Flyway says.
 */
final class MigrationFiles {
  private static final Pattern NAME = Pattern.compile("V([1-9][0-9]*)__[a-z0-9_]+\\.sql");

  /** A row of Flyway's that is a migration, and those that only say how its table began. */
  private static final String MIGRATION = "SQL";

  private static final Set<String> BEGINNING = Set.of("TABLE", "BASELINE");

  private final Map<String, Integer> checksums;

  private MigrationFiles(Map<String, Integer> checksums) {
    this.checksums = Map.copyOf(checksums);
  }

  /** Empty if the folder, or a file in it, is none that is understood here. */
  static Optional<MigrationFiles> in(ClassLoader loader, String folder) throws IOException {
    var places = Collections.list(loader.getResources(folder));
    var checksums = new HashMap<String, Integer>();
    for (var name : places.size() == 1 ? names(places.get(0)) : List.<String>of()) {
      var file = NAME.matcher(name);
      if (!file.matches()) {
        return Optional.empty();
      }
      try (var in = loader.getResourceAsStream(folder + "/" + name)) {
        checksums.put(file.group(1), checksum(in));
      }
    }
    return checksums.isEmpty() ? Optional.empty() : Optional.of(new MigrationFiles(checksums));
  }

  private static List<String> names(URL folder) throws IOException {
    if (folder.getProtocol().equals("file")) {
      try (var files = Files.list(Path.of(URI.create(folder.toString())))) {
        return files.map(file -> file.getFileName().toString()).toList();
      }
    }
    if (!(folder.openConnection() instanceof JarURLConnection connection)) {
      return List.of();
    }
    connection.setUseCaches(false); // Else closing the file closes that of the class loader.
    var prefix = connection.getEntryName();
    try (var jar = connection.getJarFile()) {
      return jar.stream()
          .filter(entry -> !entry.isDirectory())
          .map(JarEntry::getName)
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()).replaceFirst("^/", ""))
          .toList();
    }
  }

  /** As Flyway computes it: of the lines, whatever ends them. */
  private static int checksum(InputStream in) throws IOException {
    var sum = new CRC32();
    var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      sum.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return (int) sum.getValue();
  }

  /**
   * Whether the table of what has been run names each of them as it is now, and no other.
   *
   * @param history the name of that table, which need not be there
   */
  boolean areApplied(Connection connection, String history) throws SQLException {
    var applied = new HashMap<String, Integer>();
    if (!isThere(connection, history)) {
      return false;
    }
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select \"version\", \"type\", \"checksum\", \"success\" from \""
                    + history
                    + "\"")) {
      while (rows.next()) {
        var type = rows.getString("type");
        if (BEGINNING.contains(type)) {
          continue;
        }
        boolean isDone = type.equals(MIGRATION) && rows.getBoolean("success");
        var version = rows.getString("version");
        if (!isDone || applied.put(version, rows.getInt("checksum")) != null) {
          return false;
        }
      }
    }
    return applied.equals(checksums);
  }

  private static boolean isThere(Connection connection, String table) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "select 1 from information_schema.tables"
                + " where table_schema = current_schema() and table_name = ?")) {
      statement.setString(1, table);
      try (var rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }
}
