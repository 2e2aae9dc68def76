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
      MappingSchema.migrate(pool);

      var versions =
          jdbi.withHandle(
              handle ->
                  handle
                      .createQuery(
                          "select \"version\" from \"mapping_schema_history\" where \"type\" = 'SQL'")
                      .mapTo(String.class)
                      .list());
      assertEquals(List.of("1"), versions);
    } finally {
      pool.dispose();
    }
  }
}
