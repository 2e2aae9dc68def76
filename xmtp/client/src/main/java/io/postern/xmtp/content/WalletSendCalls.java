package io.postern.xmtp.content;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Asks the recipient's wallet to sign transactions, {@code xmtp.org/walletSendCalls:1.0}, EIP-5792.
 * §3.11. To be described to people, never acted upon.
 *
 * @param version of EIP-5792's call
 * @param chainId hexadecimal
 * @param from the wallet that is asked
 * @param calls the transactions
 * @param capabilities names and values, ordered by name; absent is not the same as empty
 */
public record WalletSendCalls(
    String version,
    String chainId,
    String from,
    List<Call> calls,
    Optional<Map<String, String>> capabilities)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("walletSendCalls", 1);

  /**
   * One transaction.
   *
   * @param to whom it calls
   * @param data hexadecimal call data
   * @param value hexadecimal, in the smallest unit of the chain's own currency
   * @param gas hexadecimal
   * @param metadata the sender's words about it, which need not be true
   */
  public record Call(
      Optional<String> to,
      Optional<String> data,
      Optional<String> value,
      Optional<String> gas,
      Optional<Metadata> metadata) {
    public Call {
      Objects.requireNonNull(to, "to");
      Objects.requireNonNull(data, "data");
      Objects.requireNonNull(value, "value");
      Objects.requireNonNull(gas, "gas");
      Objects.requireNonNull(metadata, "metadata");
    }
  }

  /**
   * What the sender says about a call.
   *
   * @param others whatever else is said, ordered by name
   */
  public record Metadata(String description, String transactionType, Map<String, String> others) {
    public Metadata {
      Objects.requireNonNull(description, "description");
      Objects.requireNonNull(transactionType, "transactionType");
      others = ordered(others);
    }
  }

  public WalletSendCalls {
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(chainId, "chainId");
    Objects.requireNonNull(from, "from");
    calls = List.copyOf(calls);
    capabilities = capabilities.map(WalletSendCalls::ordered);
  }

  private static Map<String, String> ordered(Map<String, String> map) {
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }

  static WalletSendCalls read(ContentReader in) throws ContentException {
    var json = in.json();
    var calls = new ArrayList<Call>();
    for (var call : json.objects("calls")) {
      calls.add(readCall(call));
    }
    var capabilities = json.optionalObject("capabilities");
    return new WalletSendCalls(
        json.text("version"),
        json.text("chainId"),
        json.text("from"),
        calls,
        capabilities.isPresent() ? Optional.of(capabilities.get().texts()) : Optional.empty());
  }

  private static Call readCall(JsonObject json) throws ContentException {
    var metadata = json.optionalObject("metadata");
    return new Call(
        json.optionalText("to"),
        json.optionalText("data"),
        json.optionalText("value"),
        json.optionalText("gas"),
        metadata.isPresent() ? Optional.of(readMetadata(metadata.get())) : Optional.empty());
  }

  private static Metadata readMetadata(JsonObject json) throws ContentException {
    var description = json.text("description");
    var transactionType = json.text("transactionType");
    var others = new TreeMap<>(json.texts());
    others.remove("description");
    others.remove("transactionType");
    return new Metadata(description, transactionType, others);
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of("[Transaction request generated]: " + json());
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    out.content(json());
  }

  private String json() {
    var json =
        new JsonWriter()
            .text("version", version)
            .text("chainId", chainId)
            .text("from", from)
            .objects("calls", calls.stream().map(WalletSendCalls::write).toList());
    capabilities.ifPresent(
        map -> {
          var inner = new JsonWriter();
          map.forEach(inner::text);
          json.object("capabilities", inner);
        });
    return json.toString();
  }

  private static JsonWriter write(Call call) {
    var json = new JsonWriter();
    call.to().ifPresent(text -> json.text("to", text));
    call.data().ifPresent(text -> json.text("data", text));
    call.value().ifPresent(text -> json.text("value", text));
    call.gas().ifPresent(text -> json.text("gas", text));
    call.metadata()
        .ifPresent(
            metadata -> {
              var inner =
                  new JsonWriter()
                      .text("description", metadata.description())
                      .text("transactionType", metadata.transactionType());
              metadata.others().forEach(inner::text);
              json.object("metadata", inner);
            });
    return json;
  }
}
