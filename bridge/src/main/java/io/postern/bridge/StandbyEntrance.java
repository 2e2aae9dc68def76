package io.postern.bridge;

import io.postern.config.Config;
import io.postern.out.DnsJava;
import io.postern.out.PublicAddress;
import io.postern.xmtp.client.NetworkDirectory;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.StoredText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.time.Clock;

/**
 * Where mail comes in at an instance that stands by: judged as by the one that carries, and put
 * into the table of the spool for nobody, where that one finds it. It has connections of its own,
 * which nobody ends who begins to carry, and neither inboxes nor ratchets: the network is asked who
 * a recipient is, and no more. docs/adr/0021.
 */
final class StandbyEntrance implements AutoCloseable {
  private final Parts parts;
  private final InetSocketAddress address;

  private StandbyEntrance(Parts parts, InetSocketAddress address) {
    this.parts = parts;
    this.address = address;
  }

  /**
   * Mail is taken when this returns. The tables must be those of this version.
   *
   * @param workers with the threads of an {@link Entrance}
   */
  static StandbyEntrance open(
      Config config, PostgresServerLogin server, Workers workers, Clock clock)
      throws BridgeException, IOException, SQLException {
    var parts = new Parts();
    try {
      return new StandbyEntrance(parts, open(parts, config, server, workers, clock));
    } catch (BridgeException | IOException | SQLException | RuntimeException | Error failed) {
      parts.close();
      throw failed;
    }
  }

  private static InetSocketAddress open(
      Parts parts, Config config, PostgresServerLogin server, Workers workers, Clock clock)
      throws BridgeException, IOException, SQLException {
    var pool = parts.add(Database.connected(server.taking(), server.settings()));
    try (var connection = pool.getConnection()) {
      StoreMark.requireNone(connection, server.settings().url());
    }
    var jdbi = StoredText.jdbi(pool);
    Database.keepValuesOutOfMessages(jdbi);
    jdbi.setTransactionHandler(PostgresTransactions.ofAnybody());
    var spool = parts.add(StoredSpool.openToAdd(config.data().resolve("spool"), pool, clock));
    var node = parts.add(V3Node.open(V3Settings.at(Networks.url(config.network())), clock));
    var peers = new Peers(new NetworkDirectory(node, clock), workers.lanes(), clock);
    var jobs = parts.add(Jobs.open());
    var around =
        new Entrance.Surroundings(DnsJava.plain(config.dns()), PublicAddress::isPublic, clock);
    var entrance = parts.add(Entrance.open(config, around, jdbi, peers, spool, workers, jobs));
    jobs.start();
    return entrance.address();
  }

  /** Where other servers bring mail. */
  InetSocketAddress address() {
    return address;
  }

  /** Mails that are arriving have some seconds to come to their end. */
  @Override
  public void close() {
    parts.close();
  }
}
