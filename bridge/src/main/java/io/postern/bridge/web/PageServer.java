package io.postern.bridge.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener on the loopback for requests of browsers, so many at once at most. */
final class PageServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);

  /** More at once are turned away, whatever the executor would take. */
  private static final int MAX_REQUESTS = 64;

  private static final int CLOSE_SECONDS = 5;

  private final HttpServer server;
  private final Semaphore places = new Semaphore(MAX_REQUESTS);

  private PageServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Takes the address; nothing is answered yet.
   *
   * @param listen on the loopback; port 0 takes any
   * @throws IllegalArgumentException if others than this machine could reach it
   * @throws IOException if it cannot listen there
   */
  static PageServer bind(InetSocketAddress listen) throws IOException {
    if (listen.isUnresolved() || !listen.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "the status page has no login and listens on the loopback only, not on " + listen);
    }
    HttpLimits.set();
    return new PageServer(HttpServer.create(listen, 0));
  }

  /**
   * @param answers throws nothing
   * @param workers runs the requests; bounded, because each connection that sends a request takes a
   *     thread for up to ten seconds
   */
  void start(Function<HttpExchange, Response> answers, Executor workers) {
    server.createContext("/", exchange -> handle(exchange, answers));
    server.setExecutor(workers);
    server.start();
  }

  /** Where it listens, with its true port. */
  InetSocketAddress address() {
    return server.getAddress();
  }

  /** The same as browsers write it. */
  URI url() {
    var address = server.getAddress().getAddress();
    var host = address instanceof Inet6Address ? "[::1]" : address.getHostAddress();
    return URI.create("http://" + host + ":" + server.getAddress().getPort() + "/");
  }

  private void handle(HttpExchange exchange, Function<HttpExchange, Response> answers) {
    if (!places.tryAcquire()) {
      exchange.close();
      return;
    }
    try (exchange) {
      answers.apply(exchange).write(exchange);
    } catch (IOException gone) {
      LOG.debug("a browser went away: {}", gone.getMessage());
    } finally {
      places.release();
    }
  }

  /** Lets the requests under way finish, for some seconds, and takes no more. */
  @Override
  public void close() {
    try {
      if (!places.tryAcquire(MAX_REQUESTS, CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("status page closed=unfinished: a request took too long");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
  }
}
