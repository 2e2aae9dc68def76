package io.postern.xmtp.content;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Random content that may be sent, the same for the same seed. */
final class AnyContent {
  static final List<ContentTypeId> TYPES =
      List.of(
          Text.TYPE,
          Markdown.TYPE,
          Reply.TYPE,
          Reaction.TYPE,
          Reaction.LEGACY_TYPE,
          ReadReceipt.TYPE,
          Attachment.TYPE,
          RemoteAttachment.TYPE,
          MultiRemoteAttachment.TYPE,
          TransactionReference.TYPE,
          WalletSendCalls.TYPE,
          Actions.TYPE,
          Intent.TYPE,
          GroupUpdated.TYPE,
          LeaveRequest.TYPE,
          DeleteMessage.TYPE,
          EditMessage.TYPE);

  private final SplittableRandom random;

  private AnyContent(SplittableRandom random) {
    this.random = random;
  }

  static Content of(SplittableRandom random) {
    return new AnyContent(random).content(0);
  }

  private Content content(int replies) {
    return switch (random.nextInt(replies < ContentReader.MAX_LEVELS ? 15 : 14)) {
      case 0 -> new Text(text());
      case 1 -> new Markdown(text());
      case 2 ->
          new Reaction(
              text(),
              optional(this::word),
              Reaction.Action.values()[random.nextInt(3)],
              text(),
              Reaction.Schema.values()[random.nextInt(4)]);
      case 3 -> new ReadReceipt();
      case 4 -> new Attachment(optional(this::text), text(), octets(100));
      case 5 -> remote();
      case 6 -> new MultiRemoteAttachment(list(this::remote));
      case 7 ->
          new TransactionReference(
              optional(this::text), text(), text(), optional(this::transactionMetadata));
      case 8 ->
          new WalletSendCalls(text(), text(), text(), list(this::call), optional(this::texts));
      case 9 -> actions();
      case 10 -> new Intent(text(), text(), random.nextBoolean() ? json() : Optional.empty());
      case 11 ->
          new GroupUpdated(
              text(),
              list(this::text),
              list(this::text),
              list(
                  () ->
                      new GroupUpdated.FieldChange(
                          text(), optional(this::text), optional(this::text))),
              list(this::text),
              list(this::text),
              list(this::text),
              list(this::text),
              list(this::text));
      case 12 -> new LeaveRequest(optional(() -> octets(20)));
      case 13 -> new DeleteMessage(text());
      default -> new Reply(text(), optional(this::word), content(replies + 1));
    };
  }

  private RemoteAttachment remote() {
    return new RemoteAttachment(
        text(),
        text(),
        octets(40),
        octets(40),
        octets(40),
        text(),
        random.nextBoolean() ? OptionalLong.of(random.nextLong(1, 1L << 32)) : OptionalLong.empty(),
        optional(this::word));
  }

  private TransactionReference.Metadata transactionMetadata() {
    double amount = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-300, 300));
    // In the digits in which it will be written, else it would come back with fewer.
    return new TransactionReference.Metadata(
        text(),
        text(),
        new BigDecimal(JsonWriter.print(amount)),
        random.nextLong(1L << 32),
        text(),
        text());
  }

  private WalletSendCalls.Call call() {
    return new WalletSendCalls.Call(
        optional(this::text),
        optional(this::text),
        optional(this::text),
        optional(this::text),
        optional(() -> new WalletSendCalls.Metadata(text(), text(), texts())));
  }

  private Map<String, String> texts() {
    var texts = new TreeMap<String, String>();
    for (int i = random.nextInt(4); i > 0; i--) {
      texts.put(text() + i, text());
    }
    return texts;
  }

  private Actions actions() {
    var actions = new ArrayList<Actions.Action>();
    for (int i = random.nextInt(1, 11); i > 0; i--) {
      actions.add(
          new Actions.Action(
              text() + i,
              text(),
              optional(this::text),
              optional(() -> Actions.Style.values()[random.nextInt(3)]),
              optional(this::time)));
    }
    return new Actions(text(), text(), actions, optional(this::time));
  }

  private Instant time() {
    return Instant.ofEpochMilli(random.nextLong(0, 253_402_300_800_000L));
  }

  private Optional<String> json() {
    return Optional.of(
        new JsonWriter().text(text(), text()).integer("n", random.nextLong()).toString());
  }

  private Octets octets(int most) {
    byte[] octets = new byte[random.nextInt(most)];
    random.nextBytes(octets);
    return Octets.of(octets);
  }

  private <T> Optional<T> optional(Supplier<T> value) {
    return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
  }

  private <T> List<T> list(Supplier<T> value) {
    var list = new ArrayList<T>();
    for (int i = random.nextInt(4); i > 0; i--) {
      list.add(value.get());
    }
    return list;
  }

  /** Never empty, where empty means absent. */
  private String word() {
    return "w" + text();
  }

  /** Characters of every length in UTF-8, controls among them, no half surrogate pairs. */
  private String text() {
    int[] ends = {0x20, 0x7f, 0x7ff, 0xd7ff, 0x10ffff};
    var text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      int codePoint = random.nextInt(ends[random.nextInt(ends.length)] + 1);
      boolean surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
      text.appendCodePoint(surrogate ? 'x' : codePoint);
    }
    return text.toString();
  }
}
