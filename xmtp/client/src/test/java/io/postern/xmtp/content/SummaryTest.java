package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SummaryTest {
  private static final String HASH = "0x" + "ab".repeat(32);
  private static final String ALICE = "0x" + "1".repeat(40);
  private static final String BOB = "0x" + "2".repeat(40);

  private static TransactionReference transaction(String networkId, String hash) {
    return new TransactionReference(
        Optional.empty(),
        networkId,
        hash,
        Optional.of(
            new TransactionReference.Metadata(
                "transfer", "ETH", new BigDecimal("1.50"), 18, ALICE, BOB)));
  }

  private static Actions question(String description, String... labels) {
    return new Actions(
        "q",
        description,
        IntStream.range(0, labels.length).mapToObj(i -> action("a" + i, labels[i])).toList(),
        Optional.empty());
  }

  private static Actions.Action action(String id, String label) {
    return new Actions.Action(id, label, Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void describesATransactionWithALinkToItsExplorer() {
    assertThat(transaction("0x2105", HASH).summary())
        .contains(
            String.join(
                "\n",
                "Transaction: 1.5 ETH (transfer)",
                "From: " + ALICE,
                "To: " + BOB,
                "Network: Base",
                "Hash: " + HASH,
                "https://basescan.org/tx/" + HASH));
  }

  @Test
  void describesATransactionWithoutDetails() {
    var transaction = new TransactionReference(Optional.empty(), "987654", "", Optional.empty());

    assertThat(transaction.summary())
        .contains("Transaction\nNetwork: network 987654\nHash: (no transaction hash)");
  }

  @Test
  void linksOnlyWhatIsAHashOfAKnownChain() {
    var solana = new TransactionReference(Optional.of("solana"), "1", HASH, Optional.empty());

    assertThat(transaction("1", "0x1/../evil?x=" + HASH).summary().orElseThrow())
        .doesNotContain("https://");
    assertThat(solana.summary().orElseThrow()).doesNotContain("https://").contains("network 1");
  }

  @ParameterizedTest
  @CsvSource({
    "1, Ethereum",
    "0x1, Ethereum",
    "0X2105, Base",
    "8453, Base",
    "eip155:137, Polygon",
    "11155111, Sepolia (a test network)",
    "999999, network 999999",
    "-1, network -1",
    "0x, network 0x",
    "99999999999999999999999, network 99999999999999999999999",
  })
  void namesTheNetworkByNumber(String id, String named) {
    assertThat(transaction(id, HASH).summary().orElseThrow()).contains("Network: " + named + "\n");
  }

  @Test
  void keepsAStrangersFieldOnItsLine() {
    var transaction =
        new TransactionReference(
            Optional.empty(), "1", "0x1\nHash: 0x2\u202e\u0007", Optional.empty());

    assertThat(transaction.summary())
        .contains("Transaction\nNetwork: Ethereum\nHash: 0x1 Hash: 0x2");
  }

  @Test
  void cutsAStrangersFieldThatIsLong() {
    var transaction =
        new TransactionReference(Optional.empty(), "1", "😀".repeat(5000), Optional.empty());

    assertThat(transaction.summary().orElseThrow()).endsWith("😀…").hasSizeLessThan(400);
  }

  @Test
  void describesARequestToSignAndOffersNoLink() {
    var request =
        new WalletSendCalls(
            "1.0",
            "0x2105",
            ALICE,
            List.of(
                new WalletSendCalls.Call(
                    Optional.of(BOB),
                    Optional.of("0xa9059cbb"),
                    Optional.of("0x38d7ea4c68000"),
                    Optional.empty(),
                    Optional.of(
                        new WalletSendCalls.Metadata("Send 0.001 ETH\nto bob", "t", Map.of()))),
                new WalletSendCalls.Call(
                    Optional.empty(),
                    Optional.of("0x"),
                    Optional.of("lots"),
                    Optional.empty(),
                    Optional.empty())),
            Optional.empty());

    assertThat(request.summary())
        .contains(
            String.join(
                "\n",
                "Asks you to sign 2 transactions with " + ALICE + " on Base:",
                "1. “Send 0.001 ETH to bob” – to " + BOB + ", value 0.001 ETH, with call data",
                "2. to (not given), value lots",
                "",
                "Open your XMTP app to act. The descriptions are the sender's and need not be"
                    + " true."));
  }

  @Test
  void countsTheCallsThatItDoesNotDescribe() {
    var call =
        new WalletSendCalls.Call(
            Optional.of(BOB),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    var request =
        new WalletSendCalls(
            "1.0", "0x1", ALICE, java.util.Collections.nCopies(1000, call), Optional.empty());

    assertThat(request.summary().orElseThrow())
        .contains("\n20. to")
        .contains("\n… and 980 more\n")
        .doesNotContain("\n21. ");
  }

  @Test
  void asksInTheWordsOfTheFallback() {
    var question = question("Proceed?", "Yes", "No");

    assertThat(question.summary())
        .contains("Proceed?\n\n[1] Yes\n[2] No\n\nReply with the number to select")
        .isEqualTo(question.fallback());
  }

  @Test
  void letsNoLabelPoseAsAnotherButton() {
    assertThat(question("Pay?", "Yes\n[2] Cancel", " \u200e").summary())
        .contains("Pay?\n\n[1] Yes [2] Cancel\n[2] (no label)\n\nReply with the number to select");
  }

  @Test
  void showsAQuestionWithoutButtonsAsItsText() {
    assertThat(question("Hm?").summary()).contains("Hm?");
  }

  @Test
  void namesTheSelectedButtonByItsLabelWhereTheQuestionIsKnown() {
    var question = question("Proceed?", "Yes", "No");
    var intent = new Intent("q", "a1", Optional.empty());

    assertThat(Summary.of(intent, question)).isEqualTo("Selected: No");
    assertThat(intent.summary()).contains("Selected: a1");
    assertThat(Summary.of(new Intent("q", "zz", Optional.empty()), question))
        .isEqualTo("Selected: zz");
  }

  @Test
  void picksAButtonByNumberUntilItExpires() {
    var end = Instant.parse("2026-01-02T03:04:05Z");
    var limited =
        new Actions.Action("b", "B", Optional.empty(), Optional.empty(), Optional.of(end));
    var question =
        new Actions("q", "d", List.of(action("a", "A"), limited), Optional.of(end.plusSeconds(60)));

    assertThat(question.pick(1, end)).contains(new Intent("q", "a", Optional.empty()));
    assertThat(question.pick(2, end)).contains(new Intent("q", "b", Optional.empty()));
    assertThat(question.pick(2, end.plusNanos(1))).isEmpty();
    assertThat(question.pick(1, end.plusSeconds(60))).isPresent();
    assertThat(question.pick(1, end.plusSeconds(61))).isEmpty();
    assertThat(question.pick(0, end)).isEmpty();
    assertThat(question.pick(3, end)).isEmpty();
  }

  private static RemoteAttachment remote(OptionalLong length, String filename) {
    return new RemoteAttachment(
        "https://files.example/secretpath",
        "00",
        Octets.ofHex("5ec2e7"),
        Octets.NONE,
        Octets.NONE,
        "https",
        length,
        Optional.of(filename));
  }

  @Test
  void tellsOfFilesWithoutAddressAndKeys() {
    var known = remote(OptionalLong.of(1_234_567), "../a\u202e.pdf");
    var unknown = remote(OptionalLong.empty(), "b.pdf");

    assertThat(known.summary()).contains("📎 a.pdf (1.2 MB)");
    assertThat(new MultiRemoteAttachment(List.of(known, unknown)).summary())
        .contains("📎 a.pdf (1.2 MB)\n📎 b.pdf");
    assertThat(Summary.couldNotBeFetched(unknown)).isEqualTo("📎 b.pdf could not be fetched");
    assertThat(Summary.tooLargeForMail(known)).isEqualTo("📎 a.pdf (1.2 MB) is too large for mail");
    assertThat(Attachment.of("", "", new byte[999]).summary()).contains("📎 file (999 B)");
  }

  @Test
  void showsTextWithOneKindOfLineEndAndWithoutBom() {
    assertThat(new Text("\ufeffa\r\nb\rc\u0000\td\u202eש").summary()).contains("a\nb\nc\td\u202eש");
    assertThat(new Text("").summary()).contains("");
  }

  @Test
  void showsTheNewTextOfAnEditAndTheInsideOfAReply() {
    var target = MessageId.of(new byte[32]);

    assertThat(new EditMessage(target, new Text("new")).summary()).contains("✏️ new");
    assertThat(Reply.to(target, "inbox", new Text("yes")).summary()).contains("yes");
  }

  static Stream<Content> machineEvents() {
    var target = MessageId.of(new byte[32]);
    return Stream.of(
        Reaction.emoji(target, "inbox", Reaction.Action.ADDED, "👍"),
        new ReadReceipt(),
        new LeaveRequest(Optional.empty()),
        DeleteMessage.of(target),
        new MultiRemoteAttachment(List.of()),
        new UnknownContent(Optional.empty(), Optional.empty(), Octets.NONE, "test"));
  }

  @ParameterizedTest
  @MethodSource("machineEvents")
  void makesNoTextOfMachineEvents(Content content) {
    assertThat(content.summary()).isEmpty();
  }
}
