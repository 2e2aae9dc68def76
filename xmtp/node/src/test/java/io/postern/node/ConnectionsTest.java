package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionsTest {
  private static final String QUERY = "SELECT 1 FROM thing WHERE id = ?";

  @TempDir Path folder;

  private Connections connections;

  @BeforeEach
  void open() {
    connections =
        new Connections("jdbc:h2:file:" + folder.resolve("things") + ";QUERY_CACHE_SIZE=8");
  }

  @AfterEach
  void dispose() {
    connections.dispose();
  }

  @Test
  void remembersStatementsOverReturns() throws Exception {
    var jdbi = Jdbi.create(connections);
    jdbi.useHandle(handle -> handle.execute("CREATE TABLE thing (id BIGINT PRIMARY KEY)"));
    ask(jdbi);

    var first = jdbi.withHandle(handle -> prepared(handle.getConnection()));
    ask(jdbi);
    var second = jdbi.withHandle(handle -> prepared(handle.getConnection()));

    assertThat(second).isSameAs(first);
  }

  private static void ask(Jdbi jdbi) {
    jdbi.useHandle(
        handle -> handle.createQuery(QUERY).bind(0, 1L).mapTo(Integer.class).findFirst());
  }

  /** H2 answers the statement that it has, if it has it. */
  private static CommandInterface prepared(Connection connection) throws SQLException {
    var session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
    try (var command = session.prepareCommand(QUERY)) {
      return command;
    }
  }

  @Test
  void givesOutTheOneThatCameBackLast() throws Exception {
    var one = connections.openConnection();
    var other = connections.openConnection();
    connections.closeConnection(one);
    connections.closeConnection(other);

    assertThat(connections.openConnection()).isSameAs(other);
    assertThat(connections.openConnection()).isSameAs(one);
    one.close();
    other.close();
  }

  @Test
  void keepsNoneThatIsClosedOrWithinATransaction() throws Exception {
    var closed = connections.openConnection();
    var open = connections.openConnection();
    closed.close();
    open.setAutoCommit(false);
    connections.closeConnection(closed);
    connections.closeConnection(open);

    assertThat(open.isClosed()).isTrue();
    try (var fresh = connections.openConnection()) {
      assertThat(fresh.isClosed()).isFalse();
      assertThat(fresh.getAutoCommit()).isTrue();
    }
  }

  @Test
  void closesWhatComesBackAfterItsEnd() throws Exception {
    var idle = connections.openConnection();
    var out = new ArrayList<Connection>();
    out.add(connections.openConnection());
    connections.closeConnection(idle);

    connections.dispose();
    connections.closeConnection(out.get(0));

    assertThat(idle.isClosed()).isTrue();
    assertThat(out.get(0).isClosed()).isTrue();
    assertThatThrownBy(connections::openConnection).hasMessageContaining("closed");
  }
}
