package io.postern.node;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.proto.health.HealthGrpc;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.mls.api.MlsApiGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
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

  /** Calls of one connection that may be open at once; more wait at the client. */
  private static final int MAX_CALLS = 1_000;

  /** Identity updates are verified apart, so that they keep nobody else waiting. */
  private static final int IDENTITY_THREADS = 2;

  private static final long PRUNE_MINUTES = 60;
  private static final int MAX_WAITING_UPDATES = 1_000;
  private static final int NO_LIMIT = Integer.MAX_VALUE;
  private static final long GRACE_SECONDS = 5;

  private final NodeDatabase database;
  private final ExecutorService executor;
  private final ExecutorService publishing;
  private final EventLoopGroup accepting =
      new NioEventLoopGroup(1, new NodeThreads("node-accept-"));
  private final EventLoopGroup connections = new NioEventLoopGroup(0, new NodeThreads("node-net-"));
  private final ScheduledExecutorService timers;
  private final ScheduledExecutorService pruning;
  private final MlsService mls;
  private final Server server;
  private final AtomicBoolean closed = new AtomicBoolean();

  private LocalNode(NodeSettings settings, Clock clock, Patience patience, NodeDatabase database) {
    this.database = database;
    this.executor = executor("node-", THREADS, NO_LIMIT, new ThreadPoolExecutor.DiscardPolicy());
    this.publishing =
        executor(
            "node-identity-",
            IDENTITY_THREADS,
            MAX_WAITING_UPDATES,
            new ThreadPoolExecutor.AbortPolicy());
    this.timers = Executors.newSingleThreadScheduledExecutor(new NodeThreads("node-timer-"));
    this.pruning = Executors.newSingleThreadScheduledExecutor(new NodeThreads("node-pruning-"));
    var check = new PublishCheck(clock, ContractWalletVerifier.NONE);
    this.mls = new MlsService(database, check, executor, timers, patience.keepalive());
    settings
        .retention()
        .map(retention -> mls.pruning(retention, clock))
        .ifPresent(
            prune -> pruning.scheduleWithFixedDelay(prune, 1, PRUNE_MINUTES, TimeUnit.MINUTES));
    this.server =
        server(
            settings,
            patience,
            clock,
            mls,
            new IdentityService(new InboxLog(database, check), publishing),
            executor,
            new InboundLimit(executor, timers, patience.arrival()),
            accepting,
            connections);
  }

  /**
   * Opens the database and serves.
   *
   * @throws NodeException if the data folder or the address is in use or not allowed, or the TLS
   *     files cannot be read
   */
  public static LocalNode open(NodeSettings settings) throws NodeException {
    return open(settings, Clock.systemUTC(), Patience.USUAL);
  }

  static LocalNode open(NodeSettings settings, Clock clock, Patience patience)
      throws NodeException {
    checkReadable(settings);
    return open(settings, clock, patience, NodeDatabase.open(settings.data(), clock));
  }

  /**
   * @param database closed with the node, and if it cannot be opened
   */
  static LocalNode open(
      NodeSettings settings, Clock clock, Patience patience, NodeDatabase database)
      throws NodeException {
    var serves = false;
    try {
      var node = new LocalNode(settings, clock, patience, database);
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
    accepting.shutdownGracefully(0, GRACE_SECONDS, TimeUnit.SECONDS);
    connections.shutdownGracefully(0, GRACE_SECONDS, TimeUnit.SECONDS);
    timers.shutdownNow();
    pruning.shutdownNow();
    publishing.shutdown();
    executor.shutdown();
    database.close();
    log.info("node stopped");
  }

  private static Server server(
      NodeSettings settings,
      Patience patience,
      Clock clock,
      MlsService mls,
      IdentityService identity,
      ExecutorService executor,
      InboundLimit inbound,
      EventLoopGroup accepting,
      EventLoopGroup connections) {
    var builder =
        NettyServerBuilder.forAddress(settings.listen())
            .executor(executor)
            .maxInboundMessageSize(MAX_INBOUND_BYTES)
            .handshakeTimeout(patience.handshake().toMillis(), TimeUnit.MILLISECONDS)
            .maxConcurrentCallsPerConnection(MAX_CALLS)
            .channelFactory(LimitedListener::new)
            .bossEventLoopGroup(accepting)
            .workerEventLoopGroup(connections)
            .addStreamTracerFactory(inbound)
            .intercept(inbound)
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
  private static ExecutorService executor(
      String name, int threads, int mostWaiting, RejectedExecutionHandler beyond) {
    return new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(mostWaiting),
        new NodeThreads(name),
        beyond);
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
      var thread = new Thread(work, prefix + made.incrementAndGet());
      thread.setDaemon(true); // a node that could not start keeps no process alive
      return thread;
    }
  }
}
