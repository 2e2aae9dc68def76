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
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

  /** After so long without a frame a bidirectional stream is pinged. */
  private static final Duration STREAM_KEEPALIVE = Duration.ofSeconds(30);

  private final NodeDatabase database;
  private final ExecutorService executor;
  private final ScheduledExecutorService timers;
  private final MlsService mls;
  private final Server server;
  private final AtomicBoolean closed = new AtomicBoolean();

  private LocalNode(NodeSettings settings, Clock clock, Duration keepalive, NodeDatabase database) {
    this.database = database;
    this.executor = executor();
    this.timers = Executors.newSingleThreadScheduledExecutor(new NodeThreads("node-timer-"));
    var check = new PublishCheck(clock, ContractWalletVerifier.NONE);
    this.mls = new MlsService(database, check, executor, timers, keepalive);
    this.server =
        server(settings, clock, mls, new IdentityService(new InboxLog(database, check)), executor);
  }

  /**
   * Opens the database and serves.
   *
   * @throws NodeException if the data folder or the address is in use or not allowed, or the TLS
   *     files cannot be read
   */
  public static LocalNode open(NodeSettings settings) throws NodeException {
    return open(settings, Clock.systemUTC(), STREAM_KEEPALIVE);
  }

  static LocalNode open(NodeSettings settings, Clock clock, Duration keepalive)
      throws NodeException {
    checkReadable(settings);
    var database = NodeDatabase.open(settings.data(), clock);
    var serves = false;
    try {
      var node = new LocalNode(settings, clock, keepalive, database);
      serves = node.serve(settings);
      return node;
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          "node TLS: certificate and key do not work together: " + e.getMessage(), e);
    } finally {
      if (!serves) {
        database.close();
      }
    }
  }

  private boolean serve(NodeSettings settings) throws NodeException {
    try {
      server.start();
    } catch (IOException e) {
      close();
      throw new NodeException(
          "node cannot listen on %s; choose a free address and port of this machine: %s"
              .formatted(settings.listen(), e.getMessage()),
          e);
    }
    log.info("node listens on {} data={}", server.getListenSockets(), settings.data());
    return true;
  }

  /** The port that is served: that of the settings, or the one taken if it was 0. */
  public int port() {
    return server.getPort();
  }

  /** Takes no more calls, ends the streams, finishes what was begun, and closes the database. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
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
    timers.shutdownNow();
    executor.shutdown();
    database.close();
    log.info("node stopped");
  }

  private static Server server(
      NodeSettings settings,
      Clock clock,
      MlsService mls,
      IdentityService identity,
      ExecutorService executor) {
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
    settings.rateLimits().ifPresent(limits -> builder.intercept(new RateLimiter(limits, clock)));
    return builder.build();
  }

  /**
   * When the node has closed, late signals of dying connections find nobody and need nobody: they
   * are dropped.
   */
  private static ExecutorService executor() {
    return new ThreadPoolExecutor(
        THREADS,
        THREADS,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        new NodeThreads("node-"),
        new ThreadPoolExecutor.DiscardPolicy());
  }

  private static void checkReadable(NodeSettings settings) throws NodeException {
    if (settings.tls().isEmpty()) {
      return;
    }
    for (var file : List.of(settings.tls().get().certificate(), settings.tls().get().key())) {
      try {
        Files.readAllBytes(file);
      } catch (IOException e) {
        throw new NodeException("node TLS: %s cannot be read; name a PEM file".formatted(file), e);
      }
    }
  }

  private static final class NodeThreads implements ThreadFactory {
    private final String prefix;
    private final AtomicInteger made = new AtomicInteger();

    NodeThreads(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public Thread newThread(Runnable work) {
      return new Thread(work, prefix + made.incrementAndGet());
    }
  }
}
