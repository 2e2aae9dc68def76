package io.postern.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Dns;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge.Taken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks rspamd by its HTTP protocol: the mail is the body of a POST, how it came stands in header
 * fields, the answer is JSON. The mail is read from its file while it is sent.
 */
final class RspamdFilter implements MailFilter {
  /** A long list of symbols fits. */
  private static final int MAX_ANSWER = 256 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Until then the name of the client is asked for. */
  private static final Duration LONGEST_NAMING = Duration.ofSeconds(3);

  private final URI url;
  private final Duration timeout;
  private final Dns dns;
  private final InstantSource clock;
  private final HttpClient client;

  /**
   * @param timeout for the whole of question and answer
   * @param dns knows the names of clients
   */
  RspamdFilter(URI url, Duration timeout, Dns dns, InstantSource clock) {
    this.url = url;
    this.timeout = timeout;
    this.dns = dns;
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(timeout)
            .build();
  }

  @Override
  public Answer ask(ArrivedMail mail, Taken soFar)
      throws FilterException, IOException, InterruptedException {
    try (var octets = mail.open()) {
      var asked = client.sendAsync(request(mail, octets), info -> new LimitedBody());
      try {
        return answer(asked.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
      } finally {
        asked.cancel(true); // Does nothing to one that is done.
      }
    } catch (TimeoutException slow) {
      throw new FilterException(url + " did not answer in time");
    } catch (ExecutionException failed) {
      throw new FilterException(
          url
              + " cannot be asked: "
              + (failed.getCause() instanceof Exception cause ? Words.of(cause) : "a bug"));
    }
  }

  private HttpRequest request(ArrivedMail mail, InputStream octets) throws UnknownHostException {
    var request =
        HttpRequest.newBuilder(url)
            .POST(body(octets, mail.size()))
            .header("Queue-Id", mail.id().toString());
    if (!mail.received().isFetched()) {
      nameClient(request, mail.received());
    }
    var path = mail.envelope().reversePath();
    (path.isEmpty() ? Optional.of("") : path.flatMap(RspamdFilter::address))
        .ifPresent(from -> request.header("From", "<" + from + ">"));
    mail.login().ifPresent(login -> request.header("User", name(login)));
    mail.envelope().forwardPaths().stream()
        .flatMap(recipient -> address(recipient).stream())
        .forEach(recipient -> request.header("Rcpt", recipient));
    return request.build();
  }

  private void nameClient(HttpRequest.Builder request, Received received)
      throws UnknownHostException {
    request.header("IP", received.clientAddress()).header("Helo", received.helo());
    // A literal: nothing is asked. Without a name rspamd takes it that there is none.
    var address = InetAddress.getByName(received.clientAddress());
    ReverseName.of(address, new MailDns(dns, clock, LONGEST_NAMING))
        .ifPresent(name -> request.header("Hostname", name));
  }

  private static BodyPublisher body(InputStream octets, long size) {
    return size == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> octets), size);
  }

  /**
   * An address as rspamd reads it from a field. It takes raw UTF-8 and decodes nothing, and {@link
   * HttpClient} writes fields in US-ASCII, with a question mark for all else: an address that has
   * no such form is left out, rather than to name somebody else.
   */
  private static Optional<String> address(Mailbox mailbox) {
    var ascii = mailbox.withDomainInAscii();
    return ascii.needsSmtpUtf8() ? Optional.empty() : Optional.of(ascii.toString());
  }

  /**
   * Who has logged in. To rspamd this is a name and no address, so it may be written otherwise;
   * left out it would make the mail one of a stranger.
   */
  private static String name(Mailbox login) {
    return address(login)
        .orElseGet(() -> URLEncoder.encode(login.toString(), StandardCharsets.UTF_8));
  }

  private Answer answer(HttpResponse<byte[]> response) throws FilterException {
    if (response.statusCode() != 200) {
      throw new FilterException(url + " answers with status " + response.statusCode());
    }
    JsonNode said;
    try {
      said = JSON.readTree(response.body());
    } catch (JsonProcessingException malformed) {
      throw new FilterException(url + " answers no JSON");
    } catch (IOException impossible) {
      throw new IllegalStateException("octets in memory", impossible);
    }
    var action = said.path("action").asText();
    var words = said.path("messages").path("smtp_message").asText();
    return switch (action) {
      case "no action" -> new Answer(Action.ACCEPT, "");
      case "add header", "rewrite subject", "quarantine" -> new Answer(Action.CAUTION, words);
      case "soft reject", "greylist" -> new Answer(Action.DEFER, words);
      // What it would throw away without a word is refused: nothing is taken and then dropped.
      case "reject", "discard" -> new Answer(Action.REJECT, words);
      default -> throw new FilterException(url + " answers without an action that is known here");
    };
  }

  /** The octets of an answer, as long as they are not too many. */
  private static final class LimitedBody implements BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private Flow.Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription = begun;
      begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> items) {
      for (var item : items) {
        if (octets.size() + item.remaining() > MAX_ANSWER) {
          subscription.cancel();
          body.completeExceptionally(new IOException("the answer is too long"));
          return;
        }
        var more = new byte[item.remaining()];
        item.get(more);
        octets.writeBytes(more);
      }
    }

    @Override
    public void onError(Throwable failed) {
      body.completeExceptionally(failed);
    }

    @Override
    public void onComplete() {
      body.complete(octets.toByteArray());
    }
  }
}
