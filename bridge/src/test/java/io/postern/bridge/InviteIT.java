package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.Invite;
import io.postern.config.InviteSettings;
import io.postern.config.Provision;
import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon where strangers write to people who never wrote to them. */
class InviteIT {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox CARL = new Mailbox("carl", "example.org");
  private static final Mailbox EVE = new Mailbox("eve", "evil.example");
  private static final Pattern BLOCK =
      Pattern.compile("(un)?block-[0-9a-f]{32}@bridge\\.localhost");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestDns dns =
      new TestDns()
          .txt("example.org", "v=spf1 ip4:127.0.0.1 -all")
          .txt("evil.example", "v=spf1 ip4:127.0.0.1 -all");

  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private TestBridge bridge;
  private TestPeer friend;
  private TestPeer alice;

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  /** Bob and Carl have inboxes, since they once wrote to a friend; Alice they do not know. */
  private void start(InviteSettings invite) throws Exception {
    var config =
        new TestConfig(folder.resolve("data")).provision(Provision.VERIFIED).invite(invite).get();
    bridge = with(TestBridge.open(config, dns));
    friend = peer("friend");
    alice = peer("alice");
    mail(BOB, friend.mailbox(), "hello");
    mail(CARL, friend.mailbox(), "hello");
    await().atMost(PATIENCE).until(() -> friend.heardTexts().size() == 2);
  }

  private <T extends AutoCloseable> T with(T part) {
    open.add(part);
    return part;
  }

  private TestPeer peer(String name) throws Exception {
    var place = Files.createDirectory(folder.resolve(name));
    return with(new TestPeer(place, bridge.nodeUrl()));
  }

  private static InviteSettings settings(Invite policy, String... to) throws Exception {
    var patterns = new ArrayList<AddressPattern>();
    for (var pattern : to) {
      patterns.add(AddressPattern.parse(pattern));
    }
    return new InviteSettings(policy, patterns, 10, 100);
  }

  private Delivery mail(Mailbox from, Mailbox to, String text) {
    return bridge.mail(from, to, "From: <" + from + ">", "", text);
  }

  /** The inbox of a person, as the friend knows it. */
  private InboxId inboxOf(Mailbox person) {
    return friend.messages().stream()
        .filter(
            message ->
                ContentCodec.decode(message.content()) instanceof Text text
                    && text.text().contains(person.toString()))
        .findFirst()
        .orElseThrow()
        .sender();
  }

  private void says(TestPeer peer, Mailbox person, String text) throws Exception {
    peer.inbox()
        .dm(inboxOf(person))
        .send(EncodedMessage.of(new Text(text), UUID.randomUUID().toString()));
  }

  private static List<String> notices(TestPeer peer) {
    return peer.heard().stream()
        .filter(Reply.class::isInstance)
        .map(content -> ((Text) ((Reply) content).content()).text())
        .toList();
  }

  private Mail mailWith(String words) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> bridge.captured().stream().filter(mail -> text(mail).contains(words)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private static String text(Mail mail) {
    return mail.bodies().get(0).plain().orElseThrow();
  }

  private static Mailbox blockAddress(Mail request) throws Exception {
    var found = BLOCK.matcher(text(request));
    assertThat(found.find()).isTrue();
    return Mailbox.parse(found.group());
  }

  /** A mail that is known by its name. */
  private Delivery mail(String name, Mailbox from, Mailbox to, String... fields) {
    var lines = new ArrayList<>(List.of("From: <" + from + ">", "Message-ID: " + name));
    lines.addAll(List.of(fields));
    lines.addAll(List.of("", "text"));
    return bridge.mail(from, to, lines.toArray(String[]::new));
  }

  private void awaitJourney(String name, String words) {
    await().atMost(PATIENCE).until(() -> bridge.journey(name), page -> page.contains(words));
  }

  /** What came before is through: the friend, whom Bob wrote to, is mailed after it. */
  private void awaitOthers(String mark) throws Exception {
    says(friend, BOB, mark);
    mailWith(mark);
  }

  private static void assertRefused(Delivery delivery, String status) {
    assertThat(delivery)
        .isInstanceOfSatisfying(
            Delivery.Refused.class, refused -> assertThat(refused.status()).isEqualTo(status));
  }

  @Test
  void whereItIsClosedTheStrangerIsToldOnceAndLearnsNoAddress() throws Exception {
    start(settings(Invite.CLOSED));

    says(alice, BOB, "may I?");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);
    says(alice, BOB, "please?");
    awaitOthers("mark one");

    assertThat(bridge.captured()).hasSize(1);
    assertThat(notices(alice)).singleElement().asString().contains("to whom they wrote first");
    assertThat(notices(alice).get(0)).doesNotContain("@", "example");
  }

  /** An answer of the bridge in the person's name would be the person's consent. */
  @Test
  void aCommandToTheBridgeMakesAStrangerNoFriend() throws Exception {
    start(settings(Invite.CLOSED));

    says(alice, BOB, "/whole");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);
    says(alice, BOB, "and now?");
    awaitOthers("mark one");

    assertThat(bridge.captured()).hasSize(1);
    assertThat(notices(alice)).singleElement().asString().contains("to whom they wrote first");
    assertThat(alice.heard()).hasSize(1);
  }

  @Test
  void whereItIsListedOnlyWhoIsListedIsAsked() throws Exception {
    start(settings(Invite.LISTED, "c*@example.org"));

    says(alice, BOB, "hello Bob");
    says(alice, CARL, "hello Carl");

    var request = mailWith("hello Carl");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);
    assertThat(request.to().get(0).mailbox()).isEqualTo(CARL);
    assertThat(request.subject()).startsWith("[Request] ");
    assertThat(bridge.captured()).hasSize(1);
  }

  @Test
  void aRequestIsOneMailAndAnAnswerAcceptsIt() throws Exception {
    start(settings(Invite.OPEN));
    says(alice, BOB, "first words");
    var request = mailWith("first words");
    says(alice, BOB, "second words");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);
    says(alice, BOB, "third words");
    awaitOthers("mark one");
    assertThat(bridge.captured()).hasSize(2);
    assertThat(notices(alice)).singleElement().asString().contains("has not been answered yet");

    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: <" + BOB + ">",
        "Message-ID: <answer@example.org>",
        "In-Reply-To: " + request.id().orElseThrow().asWritten(),
        "Subject: Re: " + request.subject(),
        "",
        "welcome");
    // It answers a message that is not the last: so it comes as a reply, as notices do.
    var answer =
        await()
            .atMost(PATIENCE)
            .until(
                () -> notices(alice).stream().filter(text -> text.endsWith("welcome")).findFirst(),
                Optional::isPresent);
    assertThat(answer.orElseThrow()).contains(BOB + ", by mail via ");
    says(alice, BOB, "fourth words");

    var later = mailWith("fourth words");
    assertThat(text(later)).doesNotContain("block-");
    assertThat(later.subject()).isEqualTo("Re: " + request.subject());
    assertThat(bridge.captured()).noneMatch(mail -> text(mail).contains("third words"));
  }

  @Test
  void aHolidayReplyAcceptsNothing() throws Exception {
    start(settings(Invite.OPEN));
    says(alice, BOB, "first words");
    mailWith("first words");

    mail("<away@example.org>", BOB, alice.mailbox(), "Auto-Submitted: auto-replied");
    awaitJourney("<away@example.org>", "whom the person has not accepted");
    says(alice, BOB, "so you are there");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);

    assertThat(bridge.captured()).hasSize(1);
    assertThat(alice.heardTexts()).isEmpty();
  }

  /** Whoever can bring a machine to write to them would be accepted by its people. */
  @Test
  void mailThatNobodyWroteOpensNoWayBack() throws Exception {
    start(settings(Invite.CLOSED));

    mail("<away@example.org>", BOB, alice.mailbox(), "Auto-Submitted: auto-replied");
    awaitJourney("<away@example.org>", "whom the person has not accepted");
    mail("<ticket@example.org>", BOB, alice.mailbox(), "Auto-Submitted: auto-generated");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    says(alice, BOB, "now I may");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);

    assertThat(bridge.captured()).isEmpty();
    assertThat(notices(alice)).singleElement().asString().contains("to whom they wrote first");
  }

  @Test
  void aMachinesReplyMakesNobodyAnInbox() throws Exception {
    start(settings(Invite.CLOSED));
    var dora = new Mailbox("dora", "example.org");

    mail("<away@example.org>", dora, alice.mailbox(), "Auto-Submitted: auto-replied");
    awaitJourney("<away@example.org>", "whom the person has not accepted");

    assertThat(alice.heard()).isEmpty();
    assertThat(bridge.status()).doesNotContain("dora@example.org");
  }

  @Test
  void theBlockAddressEndsItAndAMailToThePeerBeginsItAgain() throws Exception {
    start(settings(Invite.OPEN));
    says(alice, BOB, "first words");
    var block = blockAddress(mailWith("first words"));
    int heard = alice.heard().size();

    var blocked = mail("<block@example.org>", BOB, block);
    assertThat(blocked).isInstanceOf(Delivery.Delivered.class);
    awaitJourney("<block@example.org>", "the person blocks inbox");
    says(alice, BOB, "second words");
    awaitOthers("mark one");

    assertThat(mailWith("You hear no more of").subject()).startsWith("Blocked: 0x");
    assertThat(bridge.captured()).hasSize(3);
    assertThat(alice.heard()).as("nothing is sent to the peer").hasSize(heard);
    mail(BOB, alice.mailbox(), "on second thoughts");
    await()
        .atMost(PATIENCE)
        .until(() -> alice.heardTexts().stream().anyMatch(t -> t.contains("second thoughts")));
    says(alice, BOB, "third words");
    assertThat(text(mailWith("third words"))).doesNotContain("second words");
  }

  @Test
  void nobodyElseBlocksForThePerson() throws Exception {
    start(settings(Invite.OPEN));
    says(alice, BOB, "first words");
    says(alice, CARL, "other words");
    var block = blockAddress(mailWith("first words"));
    var carls = blockAddress(mailWith("other words"));
    assertThat(block).isNotEqualTo(carls);
    mail(BOB, alice.mailbox(), "I accept");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);

    // Another's From, a guessed token, their own From, the token of another pair, a machine.
    assertRefused(bridge.mail(EVE, block, "From: <" + BOB + ">", "", ""), "5.7.26");
    var guess = new Mailbox("block-" + "0".repeat(32), TestBridge.DOMAIN);
    assertRefused(mail(BOB, guess, ""), "5.1.1");
    mail("<hers@evil.example>", EVE, block);
    mail("<other@example.org>", BOB, carls);
    mail("<machine@example.org>", BOB, block, "Auto-Submitted: auto-generated");
    awaitJourney("<hers@evil.example>", "given to somebody else");
    awaitJourney("<other@example.org>", "given to somebody else");
    awaitJourney("<machine@example.org>", "automatic mail blocks nobody");

    says(alice, BOB, "still wanted");
    mailWith("still wanted");
    says(alice, CARL, "still asking");
    await()
        .atMost(PATIENCE)
        .until(() -> notices(alice).stream().anyMatch(n -> n.contains("not been answered")));
  }

  @Test
  void whoHasAskedAsOftenAsMayBeIsToldToWait() throws Exception {
    start(new InviteSettings(Invite.OPEN, List.of(), 1, 100));
    says(alice, BOB, "first words");
    mailWith("first words");

    says(alice, CARL, "other words");
    await().atMost(PATIENCE).until(() -> notices(alice).size() == 1);
    var other = peer("other");
    says(other, CARL, "of somebody else");

    mailWith("of somebody else");
    assertThat(notices(alice).get(0)).contains("too many requests today");
    assertThat(bridge.captured()).hasSize(2);
  }

  @Test
  void aPeerWhomThePersonHasWrittenToIsBlockedAndUnblockedByMail() throws Exception {
    start(settings(Invite.CLOSED));
    mail(BOB, alice.mailbox(), "hello alice");
    await().atMost(PATIENCE).until(() -> alice.heardTexts().size() == 1);
    says(alice, BOB, "first words");
    var first = mailWith("first words");
    says(alice, BOB, "more words");
    assertThat(text(mailWith("more words"))).as("said once").doesNotContain("block-");
    var block = blockAddress(first);
    assertThat(first.subject()).doesNotContain("[Request]");

    mail("<hers@evil.example>", EVE, block);
    awaitJourney("<hers@evil.example>", "given to somebody else");
    mail("<block@example.org>", BOB, block);
    var confirmed = mailWith("You hear no more of " + alice.inbox().address());
    mail("<again@example.org>", BOB, block);
    awaitJourney("<again@example.org>", ", as before");
    says(alice, BOB, "unwanted words");
    awaitOthers("mark one");
    var unblock = blockAddress(confirmed);
    assertThat(unblock.localPart()).isEqualTo("un" + block.localPart());
    assertThat(confirmed.automatic()).isTrue();
    assertThat(confirmed.to().get(0).mailbox()).isEqualTo(BOB);

    mail("<machine@example.org>", BOB, unblock, "Auto-Submitted: auto-replied");
    awaitJourney("<machine@example.org>", "automatic mail blocks nobody");
    mail("<unblock@example.org>", BOB, unblock);
    assertThat(blockAddress(mailWith("You hear of " + alice.inbox().address()))).isEqualTo(block);
    says(alice, BOB, "wanted words");
    mailWith("wanted words");

    var texts = bridge.captured().stream().map(InviteIT::text).toList();
    assertThat(texts).noneMatch(text -> text.contains("unwanted words"));
    assertThat(texts.stream().filter(text -> text.contains("You hear")).toList()).hasSize(2);
    assertThat(notices(alice)).isEmpty();
  }

  @Test
  void manyWalletsAreOneCrowd() throws Exception {
    start(new InviteSettings(Invite.OPEN, List.of(), 10, 1));
    says(alice, BOB, "first words");
    mailWith("first words");

    var other = peer("other");
    says(other, CARL, "of somebody else");
    await().atMost(PATIENCE).until(() -> notices(other).size() == 1);

    assertThat(bridge.captured()).hasSize(1);
  }
}
