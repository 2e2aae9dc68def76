package io.postern.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * The migrations of a module.
 *
 * @param owner a class of the module
 * @param folder where they lie among its resources
 * @param history the table that says which were made
 * @param placeholders what stands in them instead of words of the database
 */
public record ModuleMigrations(
    Class<?> owner, String folder, String history, Map<String, String> placeholders) {
  public ModuleMigrations(Class<?> owner, String folder, String history) {
    this(owner, folder, history, Map.of());
  }

  private FluentConfiguration configured() {
    return Flyway.configure(owner.getClassLoader())
        .table(history)
        .locations("classpath:" + folder)
        .placeholders(placeholders);
  }

  /** The names of the files, the eldest first. */
  public List<String> files() {
    var known = configured().dataSource("jdbc:h2:mem:none", "sa", "").load().info().all();
    return Arrays.stream(known).map(MigrationInfo::getScript).toList();
  }

  /** {@code 12} of {@code V12__whatever.sql}. */
  public static int version(String file) {
    return Integer.parseInt(file.substring(1, file.indexOf("__")));
  }

  /** What a file does, step by step. */
  public List<String> statements(String file) {
    try (var in = owner.getClassLoader().getResourceAsStream(folder + "/" + file)) {
      var sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (var each : placeholders.entrySet()) {
        sql = sql.replace("${" + each.getKey() + "}", each.getValue());
      }
      return List.of(sql.replaceAll("(?m)^ *--.*$", "").strip().split(";"));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Makes those up to a version, or to the newest below it; none for 0. */
  public void runTo(DataSource database, int version) {
    if (version > 0) {
      configured().dataSource(database).target(version + "?").load().migrate();
    }
  }
}
