package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.AddressRules;
import io.postern.mapping.BlockToken;
import io.postern.mapping.BlockTokens;
import io.postern.mapping.MappingRule;
import io.postern.mapping.Peer;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.RecipientCheck.Refused;
import io.postern.smtp.RecipientCheck.Served;
import io.postern.smtp.RecipientCheck.Unknown;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.Node;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RCPT is answered while the network knows nobody, or is away. */
class RecipientsTest {
  private static final String DOMAIN = "bridge.example";
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final String WALLET = "0x1a642f0e3c3af545e7acbd38b07251b3990914f1";
  private static final String BOUNCE = "b-0123456789abcdef0123456789abcdef";

  private final TestClock clock = new TestClock();
  private TestStore store;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private RecipientCheck.Answer answer(Envelope envelope, Node network, MappingRule... rules) {
    var peers = new Peers(store.client(network), store.workers(), clock);
    var addresses = new AddressRules(List.of(DOMAIN), List.of(rules));
    var recipient = envelope.forwardPaths().get(0);
    return new Recipients(addresses, peers, new BlockTokens(store.jdbi()))
        .check(recipient, envelope);
  }

  private RecipientCheck.Answer answer(String local) {
    return answer(Envelope.of(BOB, List.of(new Mailbox(local, DOMAIN))), nobodyKnown());
  }

  private RecipientCheck.Answer fromNobody(String local) {
    return answer(Envelope.fromNobody(List.of(new Mailbox(local, DOMAIN))), nobodyKnown());
  }

  private static Node nobodyKnown() {
    return (Node)
        Proxy.newProxyInstance(
            Node.class.getClassLoader(),
            new Class<?>[] {Node.class},
            (proxy, method, arguments) -> Map.of());
  }

  private static void assertRefused(RecipientCheck.Answer answer, String status, String words) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(status);
              assertThat(refused.advice()).contains(words);
            });
  }

  @Test
  void relaysForNobody() {
    var elsewhere = Envelope.of(BOB, List.of(new Mailbox("x", "elsewhere.example")));

    assertRefused(answer(elsewhere, nobodyKnown()), "5.7.1", "Postern relays to nobody");
  }

  @Test
  void relaysNotEvenForAMapping() throws Exception {
    var carol = new Mailbox("carol", "elsewhere.example");
    var rule =
        new MappingRule(
            AddressPattern.parse(carol.toString()), new MappingRule.Host(), "postern.yml:1");

    assertRefused(
        answer(Envelope.of(BOB, List.of(carol)), nobodyKnown(), rule), "5.7.1", "relays to nobody");
  }

  @Test
  void anAnswerToADigestIsRefusedWithWordsOnHowToAnswerWhateverAMappingSays() throws Exception {
    var digests = new Mailbox("XMTP-Digest", DOMAIN);
    var rule =
        new MappingRule(
            AddressPattern.parse(digests.toString()),
            new MappingRule.Forward(Peer.parse(WALLET).orElseThrow()),
            "postern.yml:1");

    assertRefused(
        answer(Envelope.of(BOB, List.of(digests)), nobodyKnown(), rule),
        "5.1.1",
        "answer each by the link below its words");
    assertRefused(fromNobody("xmtp-digest"), "5.1.1", "reaches nobody");
  }

  @Test
  void aWalletWithoutInboxReachesNobody() {
    assertRefused(answer(WALLET), "5.1.1", "no XMTP inbox");
  }

  @Test
  void anInboxWithoutDeviceReachesNobody() {
    assertRefused(answer("ab".repeat(32)), "5.1.1", "no device");
  }

  @Test
  void whileTheNetworkIsAwayTheClientIsToldToComeAgain() {
    var envelope = Envelope.of(BOB, List.of(new Mailbox(WALLET, DOMAIN)));

    assertThat(answer(envelope, TestStore.away()))
        .isInstanceOfSatisfying(
            Unknown.class, unknown -> assertThat(unknown.status()).isEqualTo("4.4.1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vitalik.eth", "g-0123456789abcdef0123456789abcdef"})
  void namesAndGroupsAreNotYetAvailable(String local) {
    assertRefused(answer(local), "5.1.1", "not yet available");
  }

  @ParameterizedTest
  @ValueSource(strings = {"somebody", "0x12", "b-0123"})
  void whatIsNoAddressOfAnybodyReachesNobody(String local) {
    assertRefused(answer(local), "5.1.1", "reaches nobody");
  }

  @ParameterizedTest
  @ValueSource(strings = {"postmaster", "Postmaster", BOUNCE})
  void reportsAreTakenAtThePostmasterAndAtReturnPaths(String local) {
    assertThat(fromNobody(local)).isInstanceOf(Served.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"postmaster", BOUNCE})
  void nobodyElseReachesThem(String local) {
    assertRefused(answer(local), "5.1.1", "reaches nobody");
  }

  @Test
  void complaintsAreTakenUnlessAMappingGivesTheAddressToSomebody() throws Exception {
    var abuse = Envelope.of(BOB, List.of(new Mailbox("Abuse", DOMAIN)));
    var rule =
        new MappingRule(
            AddressPattern.parse("abuse@" + DOMAIN),
            new MappingRule.Forward(Peer.parse(WALLET).orElseThrow()),
            "postern.yml:1");

    assertThat(answer(abuse, nobodyKnown())).isInstanceOf(Served.class);
    assertRefused(answer(abuse, nobodyKnown(), rule), "5.1.1", "no XMTP inbox");
  }

  @Test
  void onlyABlockAddressThatWasGivenOutIsTaken() {
    var token = "0123456789abcdef0123456789abcdef";
    var given = new BlockToken(BOB, new InboxId("a1".repeat(32)), token);
    store.jdbi().useTransaction(h -> new BlockTokens(store.jdbi()).add(h, given));

    assertThat(answer("block-" + token)).isInstanceOf(Served.class);
    assertThat(answer("unblock-" + token)).isInstanceOf(Served.class);
    assertThat(answer("BLOCK-" + token.toUpperCase(Locale.ROOT))).isInstanceOf(Served.class);
    assertRefused(fromNobody("block-" + token), "5.1.1", "never given out");
    assertRefused(answer("unblock-" + "0".repeat(32)), "5.1.1", "never given out");
    assertRefused(answer("block-" + "0".repeat(32)), "5.1.1", "never given out");
    assertRefused(answer("block-" + token + "0"), "5.1.1", "reaches nobody");
  }

  @Test
  void theNullSenderReachesNoMorePeopleThanOthers() {
    assertRefused(fromNobody(WALLET), "5.1.1", "no XMTP inbox");
    assertRefused(fromNobody("somebody"), "5.1.1", "reaches nobody");
  }
}
