package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.StoreSettings;
import io.postern.interop.EachDatabase;
import io.postern.interop.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The database of a daemon of a test: a file of H2, or PostgreSQL if it is that one's turn. */
final class StoreOfTest {
  private StoreOfTest() {}

  /** The one of a data folder; the same each time. */
  static StoreSettings of(Path data) {
    if (!EachDatabase.isPostgres()) {
      return Config.localProfile(data).store();
    }
    var database = PostgresServer.require().database(data.toString(), "daemon", source -> {});
    try {
      var file = data.resolveSibling(data.getFileName() + ".password");
      Files.createDirectories(file.getParent());
      Files.writeString(file, database.password());
      return new StoreSettings.PostgreSql(
          database.url(), database.user(), Optional.of(file), StoreSettings.PostgreSql.CONNECTIONS);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** As arguments of another process. */
  static List<String> arguments(StoreSettings store) {
    return store instanceof StoreSettings.PostgreSql postgres
        ? List.of(postgres.url(), postgres.user(), postgres.passwordFile().orElseThrow().toString())
        : List.of(store.url());
  }

  /** From those arguments. */
  static StoreSettings of(List<String> arguments) {
    return arguments.size() == 1
        ? new StoreSettings.H2File(arguments.get(0))
        : new StoreSettings.PostgreSql(
            arguments.get(0),
            arguments.get(1),
            Optional.of(Path.of(arguments.get(2))),
            StoreSettings.PostgreSql.CONNECTIONS);
  }
}
