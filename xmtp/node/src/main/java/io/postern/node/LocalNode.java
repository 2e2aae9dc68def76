package io.postern.node;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.proto.health.HealthGrpc;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole XMTP network on one machine: it speaks the V3 protocol over gRPC, so that unmodified
 * clients register at it and chat over it, and keeps everything in one database file. Stored is
 * what is answered; a {@code kill -9} takes nothing back.
 */
public final class LocalNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalNode.class);

  private static final int MAX_INBOUND_BYTES = 50 << 20;

  /** Official clients ping every 16 s, with calls and without. */
  private static final long MIN_PING_SECONDS = 10;

  private static final int THREADS = 16;
  private static final long GRACE_SECONDS = 5;

  private final NodeDatabase database;
  private final ExecutorService executor;
  private final MlsService mls;
  private final Server server;

  private LocalNode(
      NodeDatabase database, ExecutorService executor, MlsService mls, Server server) {
    this.database = database;
    this.executor = executor;
    this.mls = mls;
    this.server = server;
  }

  /**
   * Opens the database and serves.
   *
   * @throws NodeException if the data folder or the address is in use or not allowed, or the TLS
   *     files cannot be read
   */
  public static LocalNode open(NodeSettings settings) throws NodeException {
    var clock = Clock.systemUTC();
    var database = NodeDatabase.open(settings.data(), clock);
    var executor = Executors.newFixedThreadPool(THREADS, new NodeThreads());
    try {
      var check = new PublishCheck(clock, ContractWalletVerifier.NONE);
      var mls = new MlsService(database, check, executor);
      var server =
          server(settings, mls, new IdentityService(new InboxLog(database, check)), executor);
      server.start();
      log.info("node listens on {} data={}", server.getListenSockets(), settings.data());
      return new LocalNode(database, executor, mls, server);
    } catch (IOException e) {
      executor.shutdown();
      database.close();
      throw new NodeException(
          "node cannot listen on %s; choose a free address and port of this machine: %s"
              .formatted(settings.listen(), e.getMessage()),
          e);
    }
  }

  /** The port that is served: that of the settings, or the one taken if it was 0. */
  public int port() {
    return server.getPort();
  }

  /** Takes no more calls, ends the streams, finishes what was begun, and closes the database. */
  @Override
  public void close() {
    server.shutdown();
    mls.endStreams(Status.UNAVAILABLE.withDescription("the node is stopping"));
    try {
      if (!server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
        server.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    executor.shutdown();
    database.close();
    log.info("node stopped");
  }

  private static Server server(
      NodeSettings settings, MlsService mls, IdentityService identity, ExecutorService executor) {
    var builder =
        NettyServerBuilder.forAddress(settings.listen())
            .executor(executor)
            .maxInboundMessageSize(MAX_INBOUND_BYTES)
            .permitKeepAliveTime(MIN_PING_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(5, TimeUnit.MINUTES)
            .addService(ServerInterceptors.intercept(mls, new EarlyHeaders()))
            .addService(identity)
            .addService(
                new HealthService(
                    Set.of(
                        MlsApiGrpc.SERVICE_NAME,
                        IdentityApiGrpc.SERVICE_NAME,
                        HealthGrpc.SERVICE_NAME)));
    settings
        .tls()
        .ifPresent(
            tls -> builder.useTransportSecurity(tls.certificate().toFile(), tls.key().toFile()));
    return builder.build();
  }

  private static final class NodeThreads implements java.util.concurrent.ThreadFactory {
    private final AtomicInteger made = new AtomicInteger();

    @Override
    public Thread newThread(Runnable work) {
      return new Thread(work, "node-" + made.incrementAndGet());
    }
  }
}
