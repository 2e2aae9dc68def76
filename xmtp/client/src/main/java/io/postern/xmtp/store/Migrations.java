package io.postern.xmtp.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Brings a module's tables to the version that its code expects. H2 commits each statement of a
 * migration by itself, so a start that was killed may have left a part of one: what is left over is
 * put in order, then the migration is done again from its beginning. So each is written such that
 * it can be run again wherever it ended.
 */
public final class Migrations {
  /** Applied, and not among ours. */
  private static final Set<MigrationState> UNKNOWN =
      EnumSet.of(
          MigrationState.FUTURE_SUCCESS,
          MigrationState.FUTURE_FAILED,
          MigrationState.MISSING_SUCCESS,
          MigrationState.MISSING_FAILED);

  private Migrations() {}

  /**
   * Applies what is missing. Safe to repeat.
   *
   * @param database where the tables are, those of other modules beside them
   * @param loader finds the migrations
   * @param history the table of what has been run, one for each module of a database
   * @param folder where the migrations lie on the class path
   * @return whether anything could be missing
   * @throws FlywayException if a newer program has changed the tables, or a migration fails
   */
  public static boolean run(
      DataSource database, ClassLoader loader, String history, String folder) {
    boolean isH2;
    try (var connection = database.getConnection()) {
      isH2 = connection.getMetaData().getDatabaseProductName().equals("H2");
      if (isH2) {
        H2Leftovers.putInOrder(connection);
      }
      var files = MigrationFiles.in(loader, folder);
      if (files.isPresent() && files.get().areApplied(connection, history)) {
        return false;
      }
    } catch (SQLException | IOException failed) {
      throw new FlywayException("the tables cannot be looked at", failed);
    }
    // The one type that has no common name: octets without a small limit.
    var octets = Map.of("octets", isH2 ? "binary large object" : "bytea");
    var flyway = tables(database, loader, history, folder).placeholders(octets).load();
    requireNoneOfTheFuture(flyway.info().applied());
    flyway.repair();
    flyway.migrate();
    return true;
  }

  /**
   * How many migrations the tables lack. Changes nothing; parameters as for {@link #run}.
   *
   * @throws FlywayException if a newer program has changed the tables
   */
  public static int lacking(
      DataSource database, ClassLoader loader, String history, String folder) {
    var info =
        tables(database, loader, history, folder).placeholderReplacement(false).load().info();
    requireNoneOfTheFuture(info.applied());
    return info.pending().length;
  }

  private static FluentConfiguration tables(
      DataSource database, ClassLoader loader, String history, String folder) {
    return Flyway.configure(loader)
        .dataSource(database)
        .table(history)
        .locations("classpath:" + folder)
        // The other modules' tables may stand there first: begin below version 1 all the same.
        .baselineOnMigrate(true)
        .baselineVersion("0");
  }

  /** Flyway passes over them: an older program would work on tables that it does not know. */
  private static void requireNoneOfTheFuture(MigrationInfo... applied) {
    var newer = Arrays.stream(applied).filter(each -> UNKNOWN.contains(each.getState())).findAny();
    if (newer.isPresent()) {
      throw new FlywayException(
          "a newer program has brought the tables to version "
              + newer.get().getVersion()
              + "; run that one, or take back a copy of the database made before");
    }
  }
}
