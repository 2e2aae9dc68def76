package io.postern.bench;

import io.postern.mail.MailReader;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * XMTP to mail: how many messages a second become mails, and how soon one does when nothing else is
 * on its way. Our client answers in the DMs that {@link MailLoad} made.
 */
final class MessageLoad {
  private static final int ALONE = 100;

  private final Daemon daemon;
  private final Report report;
  private final int messages;
  private final Duration limit;
  private final AtomicInteger numbers;

  /**
   * @param messages in the round of many at once
   * @param limit the longest wait for anything
   * @param numbers gives each message its own
   */
  MessageLoad(Daemon daemon, Report report, int messages, Duration limit, AtomicInteger numbers) {
    this.daemon = daemon;
    this.report = report;
    this.messages = messages;
    this.limit = limit;
    this.numbers = numbers;
  }

  void run(OwnReader reader) throws Exception {
    var conversations =
        reader.inbox().groups().stream()
            .map(row -> reader.inbox().conversation(row.group()))
            .toList();
    if (conversations.isEmpty()) {
      throw new BenchException("the reader has no conversation to answer in");
    }
    atOnce(reader, conversations);
    alone(reader, conversations);
  }

  private void atOnce(OwnReader reader, List<Conversation> conversations) throws Exception {
    long before = daemon.countCaptured();
    long began = System.nanoTime();
    var sent = new HashMap<Integer, Instant>();
    for (int i = 0; i < messages; i++) {
      var conversation = conversations.get(i % conversations.size());
      sent.put(enqueue(reader, conversation), Instant.now());
    }
    var published = new ArrayList<CompletableFuture<Void>>();
    conversations.forEach(conversation -> published.add(conversation.publish()));
    for (var each : published) {
      each.get(limit.toSeconds(), TimeUnit.SECONDS);
    }
    long gone = System.nanoTime() - began;
    awaitCaptured(before + messages);
    long mailed = System.nanoTime() - began;
    var how = messages + " messages in " + conversations.size() + " DMs, quiet 0s";
    report.row("messages published", Report.perSecond(messages, gone), how);
    report.row("messages mailed", Report.perSecond(messages, mailed), how);
    report.row(
        "published → mailed",
        Latencies.of(latencies(sent)).toString(),
        how + ", most of it in the queue");
  }

  private void alone(OwnReader reader, List<Conversation> conversations) throws Exception {
    var sent = new HashMap<Integer, Instant>();
    for (int i = 0; i < ALONE; i++) {
      long before = daemon.countCaptured();
      var conversation = conversations.get(i % conversations.size());
      int number = enqueue(reader, conversation);
      conversation.publishNow();
      sent.put(number, Instant.now());
      awaitCaptured(before + 1);
    }
    report.row(
        "published → mailed",
        Latencies.of(latencies(sent)).toString(),
        ALONE + " messages, one at a time, quiet 0s");
  }

  private int enqueue(OwnReader reader, Conversation conversation) throws Exception {
    int number = numbers.incrementAndGet();
    var message =
        EncodedMessage.of(new Text(SampleMail.word(number)), UUID.randomUUID().toString());
    reader.client().store().jdbi().useTransaction(handle -> conversation.enqueue(handle, message));
    return number;
  }

  private void awaitCaptured(long count) throws Exception {
    Deadline.in(limit, "the mailing of all messages").until(() -> daemon.countCaptured() >= count);
  }

  private List<Duration> latencies(Map<Integer, Instant> sent) throws Exception {
    var latencies = new ArrayList<Duration>();
    for (var captured : daemon.captured()) {
      var mail = MailReader.read(daemon.octets(captured));
      var text = mail.bodies().get(0).plain().orElseThrow();
      var number = SampleMail.number(text);
      if (number.isPresent() && sent.containsKey(number.getAsInt())) {
        var took = Duration.between(sent.get(number.getAsInt()), captured.at());
        // It may be mailed before the sender's thread has seen the network's answer.
        latencies.add(took.isNegative() ? Duration.ZERO : took);
      }
    }
    return latencies;
  }
}
