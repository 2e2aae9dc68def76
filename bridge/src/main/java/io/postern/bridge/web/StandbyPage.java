package io.postern.bridge.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What an instance shows that stands by, in the place of its status page: that it is well, who has
 * what is asked for, and whether it takes mail for that one. Nothing can be changed here.
 * docs/adr/0018, 0021.
 *
 * <pre>
 * GET  /         who carries
 * GET  /health   200: it does what it should, so nobody restarts it
 * GET  /ready    503: whoever hands out work goes to the other
 * </pre>
 *
 * <p>All else is 503, too. Plain text throughout.
 */
public final class StandbyPage implements Closeable {
  /** How what it says begins. */
  public static final String STANDBY = "standby: ";

  private static final String ASK_THERE = "; ask there\n";

  private final PageServer server;
  private final Guard guard;
  private final Supplier<String> state;

  private StandbyPage(PageServer server, Supplier<String> state) {
    this.server = server;
    this.guard = new Guard(server.address(), AccessToken.random());
    this.state = state;
  }

  /**
   * @param listen on the loopback; port 0 takes any
   * @param state clauses that say who carries, and what is done here meanwhile
   * @throws IOException if it cannot listen there
   */
  public static StandbyPage open(InetSocketAddress listen, Supplier<String> state, Executor workers)
      throws IOException {
    var server = PageServer.bind(listen);
    var page = new StandbyPage(server, state);
    server.start(page::respond, workers);
    return page;
  }

  /** Where it is. */
  public URI entrance() {
    return server.url();
  }

  private Response respond(HttpExchange exchange) {
    try {
      var request = Request.read(exchange);
      guard.requireHost(request.headers());
      boolean known =
          request.isGet()
              && request.path().size() == 1
              && (request.path().get(0).isEmpty() || request.path().get(0).equals("health"));
      return Response.text(known ? 200 : 503, STANDBY + state.get() + ASK_THERE);
    } catch (RefusedRequest refused) {
      return Response.text(refused.status(), refused.getMessage() + "\n");
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
