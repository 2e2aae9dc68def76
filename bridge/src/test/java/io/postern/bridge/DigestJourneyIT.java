package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Mapping;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.DigestSchedule;
import io.postern.mapping.MappingRule;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A digest over real SMTP and real MLS, and its answers. */
class DigestJourneyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Pattern LINK =
      Pattern.compile(
          "Answer: <mailto:([^?>]+)\\?subject=[^&>]*&In-Reply-To=%3C([^%]+)%40([^%]+)%3E>");

  @TempDir Path folder;

  /** The system's, but for a part that the test lets pass. */
  private static final class Shifted extends Clock {
    private volatile Duration by = Duration.ZERO;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Clock.systemUTC().instant().plus(by);
    }
  }

  private static List<Mail> captured(TestBridge bridge) {
    try {
      return bridge.captured();
    } catch (Exception unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static Delivery bobWrites(TestBridge bridge, Mailbox to, String id, String text) {
    return bridge.mail(
        BOB,
        to,
        "From: Bob <" + BOB + ">",
        "To: " + to,
        "Subject: Re: Lunch?",
        "Message-ID: <" + id + "@example.org>",
        "",
        text);
  }

  private static Delivery bobAnswers(TestBridge bridge, Mailbox to, String answered, String text) {
    return bridge.mail(
        BOB,
        to,
        "From: Bob <" + BOB + ">",
        "To: " + to,
        "Subject: Re: Lunch?",
        "In-Reply-To: " + answered,
        "Message-ID: <answer-" + text.length() + "@example.org>",
        "",
        text);
  }

  private static boolean isAnswer(Content content, String text) {
    return content instanceof Reply reply
            && reply.content() instanceof Text said
            && said.text().equals(text)
        || content instanceof Text plain && plain.text().equals(text);
  }

  @Test
  void twoConversationsAreOneMailAndAnAnswerByItsLinkReachesItsPeer() throws Exception {
    var clock = new Shifted();
    // Twelve hours away from now, so that the hour does not strike before it is let.
    var at = clock.instant().atZone(ZoneOffset.UTC).toLocalTime().plusHours(12);
    var daily =
        new DigestSchedule(
            Duration.ofDays(1), LocalTime.of(at.getHour(), at.getMinute()), ZoneOffset.UTC);
    var rule =
        new MappingRule(
            AddressPattern.parse(BOB.toString()),
            new MappingRule.Host(Optional.of(daily)),
            "postern.yml:1");
    var config =
        new TestConfig(folder.resolve("bridge"))
            .mappings(List.of(new Mapping(rule, Optional.empty())))
            .get();

    try (var bridge = TestBridge.open(config, clock);
        var alice = new TestPeer(folder.resolve("alice"), bridge.nodeUrl());
        var carla = new TestPeer(folder.resolve("carla"), bridge.nodeUrl())) {
      for (var peer : List.of(alice, carla)) {
        assertThat(bobWrites(bridge, peer.mailbox(), "to-" + peer.mailbox().localPart(), "Hello."))
            .isInstanceOf(Delivery.Delivered.class);
        await().atMost(PATIENCE).until(() -> !peer.heardTexts().isEmpty());
      }
      alice.answer("Noon?");
      carla.answer("Tea?");
      for (var peer : List.of(alice, carla)) {
        var said = peer.messages().get(peer.messages().size() - 1).id().toString();
        await().atMost(PATIENCE).until(() -> bridge.journey(said).contains("received from inbox"));
      }
      assertThat(captured(bridge)).isEmpty();

      clock.by = Duration.ofHours(13);
      await().atMost(PATIENCE).until(() -> !captured(bridge).isEmpty());

      var digest = captured(bridge).get(0);
      var page = digest.bodies().get(0).plain().orElseThrow();
      assertThat(page).contains("| Noon?", "| Tea?");
      var links = LINK.matcher(page);
      int found = 0;
      while (links.find()) {
        var peer = links.group(1).equals(alice.mailbox().toString()) ? alice : carla;
        var text = peer == alice ? "Noon is fine." : "No tea for me, thanks.";
        var answered = "<" + links.group(2) + "@" + links.group(3) + ">";
        assertThat(bobAnswers(bridge, peer.mailbox(), answered, text))
            .isInstanceOf(Delivery.Delivered.class);
        await()
            .atMost(PATIENCE)
            .until(() -> peer.heard().stream().anyMatch(said -> isAnswer(said, text)));
        found++;
      }
      assertThat(found).isEqualTo(2);
      assertThat(alice.heard()).noneMatch(said -> isAnswer(said, "No tea for me, thanks."));

      var refused =
          bobAnswers(
              bridge,
              digest.from().get(0).mailbox(),
              digest.id().orElseThrow().asWritten(),
              "To whom?");
      assertThat(refused)
          .isInstanceOfSatisfying(
              Delivery.Refused.class,
              no -> assertThat(no.advice()).contains("answer each by the link below its words"));
      assertThat(captured(bridge)).hasSize(1);
    }
  }
}
