package io.postern.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingSchemaTest {
  @TempDir Path folder;

  @Test
  void migratesBesideTheTablesOfOtherModulesAndOnlyOnce() throws Exception {
    var pool = JdbcConnectionPool.create("jdbc:h2:file:" + folder.resolve("shared"), "sa", "");
    try {
      var jdbi = Jdbi.create(pool);
      jdbi.useHandle(
          handle -> {
            handle.execute("create table client_schema_history (version varchar primary key)");
            handle.execute("create table message (id bigint primary key)");
          });

      MappingSchema.migrate(pool);
      var once = versions(jdbi);
      MappingSchema.migrate(pool);

      assertEquals("1", once.get(0));
      assertEquals(once, versions(jdbi));
    } finally {
      pool.dispose();
    }
  }

  private static List<String> versions(Jdbi jdbi) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select \"version\" from \"mapping_schema_history\" where \"type\" = 'SQL'"
                        + " order by \"installed_rank\"")
                .mapTo(String.class)
                .list());
  }
}
