package io.postern.xmtp.content;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;

/**
 * Points to a transaction on a blockchain, {@code xmtp.org/transactionReference:1.0}. §3.10.
 * Everything in it is the sender's claim.
 *
 * @param namespace of the network ids, such as {@code eip155}
 * @param networkId decimal or {@code 0x} hexadecimal chain id
 * @param reference the transaction's hash; possibly empty
 * @param metadata what the transaction did
 */
public record TransactionReference(
    Optional<String> namespace, String networkId, String reference, Optional<Metadata> metadata)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("transactionReference", 1);

  /**
   * What the transaction did.
   *
   * @param transactionType a word such as {@code transfer}
   * @param currency a symbol such as {@code ETH}
   * @param amount in whole units, with all digits given but trailing zeros, so that 1.0 equals 1;
   *     always in the range of a binary64 number
   * @param decimals of the currency, from 0 to 4294967295; informational
   */
  public record Metadata(
      String transactionType,
      String currency,
      BigDecimal amount,
      long decimals,
      String fromAddress,
      String toAddress) {
    public Metadata {
      Objects.requireNonNull(transactionType, "transactionType");
      Objects.requireNonNull(currency, "currency");
      Objects.requireNonNull(fromAddress, "fromAddress");
      Objects.requireNonNull(toAddress, "toAddress");
      if (!Double.isFinite(amount.doubleValue())) {
        throw new IllegalArgumentException("amount is beyond the range of a binary64 number");
      }
      amount = amount.stripTrailingZeros();
    }
  }

  public TransactionReference {
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(networkId, "networkId");
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(metadata, "metadata");
  }

  static TransactionReference read(ContentReader in) throws ContentException {
    var json = in.json();
    var metadata = json.optionalObject("metadata");
    return new TransactionReference(
        json.optionalText("namespace"),
        json.textOrNumber("networkId"),
        json.text("reference"),
        metadata.isPresent() ? Optional.of(readMetadata(metadata.get())) : Optional.empty());
  }

  private static Metadata readMetadata(JsonObject json) throws ContentException {
    return new Metadata(
        json.text("transactionType"),
        json.text("currency"),
        json.number("amount"),
        json.uint32("decimals"),
        json.text("fromAddress"),
        json.text("toAddress"));
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of(
        reference.isEmpty()
            ? "Crypto transaction"
            : "[Crypto transaction] Use a blockchain explorer to learn more using the transaction"
                + " hash: "
                + reference);
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    var json = new JsonWriter();
    namespace.ifPresent(text -> json.text("namespace", text));
    json.text("networkId", networkId).text("reference", reference);
    metadata.ifPresent(
        data ->
            json.object(
                "metadata",
                new JsonWriter()
                    .text("transactionType", data.transactionType())
                    .text("currency", data.currency())
                    .binary64("amount", data.amount().doubleValue())
                    .integer("decimals", data.decimals())
                    .text("fromAddress", data.fromAddress())
                    .text("toAddress", data.toAddress())));
    out.content(json.toString());
  }
}
