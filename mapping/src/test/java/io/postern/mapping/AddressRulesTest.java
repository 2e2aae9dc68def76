package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
  private static final String WALLET = "0x1a642f0e3c3af545e7acbd38b07251b3990914f1";
  private static final String INBOX =
      "0d05a8c5aa4a47150dd325ec99a0e8d0bcd74c98f6b852d944840390159f76b2";

  private final MappingRule alice = forward("alice@bridge.example", WALLET, 10);
  private final MappingRule catchAll = forward("*@bridge.example", INBOX, 12);
  private final MappingRule sales = forward("sales-*@bridge.example", WALLET, 14);
  private final MappingRule corp = host("*@corp.example", 16);
  private final MappingRule bob = host("bob@corp.example", 18);

  private final AddressRules bare = rules();

  static LongStream seeds() {
    return LongStream.range(0, 50);
  }

  @ParameterizedTest
  @ValueSource(strings = {WALLET, "0X1A642F0E3C3AF545E7ACBD38B07251B3990914F1"})
  void aWalletIsAnAddressInAnyLetterCase(String local) {
    var destination = bare.resolve(mailbox(local + "@Bridge.Example"));

    assertEquals(
        new Destination.BuiltIn(new Peer.ByAddress(new EthereumAddress(WALLET))), destination);
  }

  @Test
  void anInboxIdIsAnAddressInAnyLetterCase() {
    var destination = bare.resolve(mailbox(INBOX.toUpperCase(Locale.ROOT) + "@bridge.example"));

    assertEquals(Optional.of(new Peer.ByInboxId(new InboxId(INBOX))), destination.peer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alice",
        "0x",
        "0x1a642f0e3c3af545e7acbd38b07251b3990914f",
        "0x1a642f0e3c3af545e7acbd38b07251b3990914f11",
        "0x1a642f0e3c3af545e7acbd38b07251b3990914fg",
        "1a642f0e3c3af545e7acbd38b07251b3990914f1",
        "0x1a642f0e3c3af545e7acbd38b07251b3990914f1+tag",
        "g-1234",
        "\"0x1a642f0e3c3af545e7acbd38b07251b3990914f1 \"",
        "\u0660x1a642f0e3c3af545e7acbd38b07251b3990914f1",
      })
  void anythingElseIsUnknown(String local) {
    assertInstanceOf(Destination.Unknown.class, bare.resolve(mailbox(local + "@bridge.example")));
  }

  @Test
  void namesAndGroupsAreRecognisedButServeNobodyYet() {
    var group = bare.resolve(mailbox("g-00000000000000000000000000000007@bridge.example"));
    var name = bare.resolve(mailbox("Vitalik.eth@bridge.example"));

    assertInstanceOf(Destination.Group.class, group);
    assertEquals(new Destination.Name("vitalik.eth"), name);
    assertThat(List.of(group.why(), name.why())).allMatch(why -> why.contains("not yet available"));
    assertTrue(group.peer().isEmpty() && name.peer().isEmpty());
  }

  @Test
  void noMappingOpensADomainThatIsNotOurs() {
    var rules = rules(forward("alice@elsewhere.example", WALLET, 1));

    assertEquals(
        new Destination.Elsewhere("elsewhere.example"),
        rules.resolve(mailbox("alice@elsewhere.example")));
    assertFalse(rules.isAtBridge(mailbox("alice@sub.bridge.example")));
  }

  @Test
  void everyBridgeDomainIsServed() {
    var rules = new AddressRules(List.of("bridge.example", "Second.example"), List.of());

    assertTrue(rules.resolve(mailbox(WALLET + "@second.example")).peer().isPresent());
  }

  /** Else a From in the other form would speak for the bridge domain without a login. */
  @Test
  void aBridgeDomainIsOursInUnicodeAndInAscii() {
    var rules = new AddressRules(List.of("xn--bcher-kva.example"), List.of());

    assertTrue(rules.isAtBridge(mailbox("ceo@b\u00fccher.example")));
    assertTrue(rules.isAtBridge(mailbox("ceo@XN--BCHER-KVA.example")));
    assertTrue(rules.resolve(mailbox(WALLET + "@b\u00dcCHER.example")).peer().isPresent());
    assertFalse(rules.isAtBridge(mailbox("ceo@bucher.example")));
  }

  @Test
  void exactBeatsPatternAndLongerPatternBeatsShorter() {
    var rules = rules(catchAll, sales, alice);

    assertEquals(Optional.of(alice), rules.ruleFor(mailbox("Alice@bridge.example")));
    assertEquals(Optional.of(sales), rules.ruleFor(mailbox("sales-eu@bridge.example")));
    assertEquals(Optional.of(catchAll), rules.ruleFor(mailbox("anybody@bridge.example")));
  }

  @Test
  void ofTwoThatWeighTheSameTheFirstCounts() {
    var one = forward("a*@bridge.example", WALLET, 1);
    var other = forward("*b@bridge.example", INBOX, 2);

    assertEquals(Optional.of(one), rules(one, other).ruleFor(mailbox("ab@bridge.example")));
    assertEquals(Optional.of(other), rules(other, one).ruleFor(mailbox("ab@bridge.example")));
  }

  @Test
  void aCatchAllTakesNoMailThatNamesAWallet() {
    var destination = rules(catchAll).resolve(mailbox(WALLET + "@bridge.example"));

    assertInstanceOf(Destination.BuiltIn.class, destination);
  }

  @Test
  void anExactMappingMayMoveEvenAWalletsAddress() {
    var moved = forward(WALLET + "@bridge.example", INBOX, 3);

    var destination = rules(moved).resolve(mailbox(WALLET + "@bridge.example"));

    assertEquals(
        new Destination.Forwarded(new Peer.ByInboxId(new InboxId(INBOX)), moved), destination);
  }

  @Test
  void aHostedAddressAtTheBridgeIsAPersonNotAPeer() {
    var carol = host("carol@bridge.example", 20);

    assertEquals(
        new Destination.Person(carol), rules(carol).resolve(mailbox("carol@bridge.example")));
  }

  @Test
  void aPeerIsAddressedByTheFirstMappingToThem() {
    var rules = rules(catchAll, alice, forward("a@bridge.example", WALLET, 30));

    assertEquals(
        mailbox("alice@bridge.example"),
        rules.addressOf(new InboxId(INBOX), List.of(new EthereumAddress(WALLET))));
    assertEquals(
        mailbox("alice@bridge.example"), rules.addressOf(Peer.parse(WALLET).orElseThrow()));
  }

  @Test
  void aPeerWithoutMappingIsAddressedByTheFirstWalletElseByTheInbox() {
    var other = new EthereumAddress("0x" + "0".repeat(40));

    assertEquals(
        mailbox(WALLET + "@bridge.example"),
        bare.addressOf(new InboxId(INBOX), List.of(new EthereumAddress(WALLET), other)));
    assertEquals(mailbox(INBOX + "@bridge.example"), bare.addressOf(new InboxId(INBOX), List.of()));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void mailToTheAddressOfAPeerIsForThatPeer(long seed) {
    var random = new SplittableRandom(seed);
    var rules = rules(catchAll, alice, corp, bob, sales);
    var octets = new byte[random.nextBoolean() ? 20 : 32];
    random.nextBytes(octets);
    Peer peer =
        octets.length == 20
            ? new Peer.ByAddress(EthereumAddress.of(octets))
            : new Peer.ByInboxId(InboxId.of(octets));

    var destination = rules.resolve(rules.addressOf(peer));

    assertEquals(Optional.of(peer), destination.peer());
  }

  @Test
  void aPeerWhoseOwnAddressIsMovedIsAddressedAtAnotherDomain() {
    var rules =
        new AddressRules(
            List.of("bridge.example", "second.example"),
            List.of(forward(WALLET + "@bridge.example", INBOX, 3)));

    assertEquals(
        mailbox(WALLET + "@second.example"), rules.addressOf(Peer.parse(WALLET).orElseThrow()));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anyMailboxResolvesAndIsExplained(long seed) {
    var random = new SplittableRandom(seed);
    var rules = rules(catchAll, alice, corp, bob, sales);
    var alphabet = "aA0xXfg-.eth*+\"@ é\\";
    var local = new StringBuilder();
    for (int i = random.nextInt(1, 60); i > 0; i--) {
      local.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    Mailbox anybody;
    try {
      anybody =
          new Mailbox(local.toString(), random.nextBoolean() ? "bridge.example" : "x.example");
    } catch (IllegalArgumentException tooLong) {
      return;
    }

    assertThat(rules.resolve(anybody).why()).isNotBlank();
    assertThat(rules.explain(anybody)).isNotBlank();
  }

  @Test
  void explainsWhichRuleAppliesAndWhichWeighLess() {
    var rules = rules(catchAll, alice, corp, bob);

    assertEquals(
        """
        mail to alice@bridge.example: postern.yml:10: alice@bridge.example is forwarded to %s
        it becomes messages to %s
        a rule that matches too, but weighs less: postern.yml:12: *@bridge.example is forwarded to %s"""
            .formatted(WALLET, WALLET, INBOX),
        rules.explain(mailbox("alice@bridge.example")));
    assertThat(rules.explain(mailbox("bob@corp.example")))
        .contains("postern.yml:18: bob@corp.example is hosted")
        .contains("weighs less: postern.yml:16");
    assertThat(rules.explain(mailbox("dave@gmail.example"))).contains("no mapping names it");
  }

  private static AddressRules rules(MappingRule... rules) {
    return new AddressRules(List.of("bridge.example"), List.of(rules));
  }

  private static MappingRule forward(String address, String to, int line) {
    return rule(address, new MappingRule.Forward(Peer.parse(to).orElseThrow()), line);
  }

  private static MappingRule host(String address, int line) {
    return rule(address, new MappingRule.Host(), line);
  }

  private static MappingRule rule(String address, MappingRule.Target target, int line) {
    try {
      return new MappingRule(AddressPattern.parse(address), target, "postern.yml:" + line);
    } catch (MailException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }
}
