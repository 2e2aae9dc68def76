package io.postern.xmtp.content;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The plain text that a mail shows for content. §10.5.
 *
 * <p>What a stranger wrote into a field of a list or a line stays on that line, without characters
 * that turn or hide text, and is cut where it gets long: nobody can write a line that looks like
 * ours. Keys and addresses of files do not appear.
 */
public final class Summary {
  /** Stands for a file whose sender gave no name. */
  public static final String UNNAMED_FILE = Filename.UNNAMED;

  /** Stands for a button whose sender gave no label, and for the answer to a question unknown. */
  public static final String UNNAMED_ACTION = "(no label)";

  /** Stands for a transaction whose sender did not say which. */
  public static final String NO_HASH = "(no transaction hash)";

  /** Stands for an address or a value that is missing. */
  public static final String NOT_GIVEN = "(not given)";

  private static final int MAX_FIELD_CODE_POINTS = 120;
  private static final int MAX_DESCRIPTION_CODE_POINTS = 500;

  /** Calls that are described one by one; the others are counted. */
  private static final int MAX_CALLS = 20;

  /** Beyond this many digits a number is given with an exponent. */
  private static final int MAX_DIGITS = 40;

  private static final int NATIVE_DECIMALS = 18;
  private static final Pattern UINT256 = Pattern.compile("0[xX][0-9a-fA-F]{1,64}");

  private Summary() {}

  /**
   * The text for this content: what was written for text and markdown (with one kind of line end),
   * a description for the rest. Empty for machine events (reaction, receipt, delete, leave, group
   * change), which are handled by what they do, and for unknown content without fallback.
   */
  public static Optional<String> of(Content content) {
    if (content instanceof Text text) {
      return Optional.of(UntrustedText.lines(text.text()));
    }
    if (content instanceof Markdown markdown) {
      return Optional.of(UntrustedText.lines(markdown.markdown()));
    }
    if (content instanceof Reply reply) {
      return of(reply.content());
    }
    if (content instanceof Attachment attachment) {
      var size = OptionalLong.of(attachment.octets().length());
      return Optional.of(file(attachment.safeFilename(), size));
    }
    if (content instanceof RemoteAttachment attachment) {
      return Optional.of(file(attachment));
    }
    if (content instanceof MultiRemoteAttachment attachments) {
      var lines = attachments.attachments().stream().map(Summary::file).toList();
      return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", lines));
    }
    if (content instanceof TransactionReference transaction) {
      return Optional.of(transaction(transaction));
    }
    if (content instanceof WalletSendCalls request) {
      return Optional.of(calls(request));
    }
    if (content instanceof Actions actions) {
      return Optional.of(actions(actions));
    }
    if (content instanceof Intent intent) {
      return Optional.of("Selected: " + label(intent.actionId()));
    }
    if (content instanceof EditMessage edit) {
      return of(edit.content()).map(text -> "✏️ " + text);
    }
    if (content instanceof UnknownContent unknown) {
      return unknown.fallback().map(UntrustedText::lines);
    }
    return Optional.empty();
  }

  /** The text for an answer to a question that is known: the label, not the id, of its button. */
  public static String of(Intent intent, Actions question) {
    return "Selected: " + label(question.label(intent.actionId()).orElse(intent.actionId()));
  }

  /** In place of a file that the server did not give, or that did not open. */
  public static String couldNotBeFetched(RemoteAttachment attachment) {
    return file(attachment) + " could not be fetched";
  }

  /** In place of a file that no mail can carry. */
  public static String tooLargeForMail(RemoteAttachment attachment) {
    return file(attachment) + " is too large for mail";
  }

  /** The line of a file, as {@link #of} gives it, without its octets. */
  public static String ofFile(String filename, long octets) {
    return file(Filename.safe(Optional.of(filename)), OptionalLong.of(octets));
  }

  private static String file(RemoteAttachment attachment) {
    return file(attachment.safeFilename(), attachment.contentLength());
  }

  private static String file(String safeName, OptionalLong size) {
    return "📎 " + safeName + (size.isPresent() ? " (" + size(size.getAsLong()) + ")" : "");
  }

  /** Decimal units, as mail programs count. */
  private static String size(long octets) {
    if (octets < 1_000) {
      return octets + " B";
    }
    if (octets < 1_000_000) {
      return String.format(Locale.ROOT, "%.1f kB", octets / 1e3);
    }
    return octets < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", octets / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", octets / 1e9);
  }

  private static String transaction(TransactionReference transaction) {
    var lines = new ArrayList<String>();
    if (transaction.metadata().isPresent()) {
      var metadata = transaction.metadata().get();
      String kind = field(metadata.transactionType());
      lines.add(
          "Transaction: "
              + number(metadata.amount())
              + (metadata.currency().isBlank() ? "" : " " + field(metadata.currency()))
              + (kind.isEmpty() ? "" : " (" + kind + ")"));
      lines.add("From: " + given(metadata.fromAddress()));
      lines.add("To: " + given(metadata.toAddress()));
    } else {
      lines.add("Transaction");
    }
    boolean ethereum = transaction.namespace().map("eip155"::equals).orElse(true);
    var chain = ethereum ? Chain.of(transaction.networkId()) : Optional.<Chain>empty();
    lines.add("Network: " + network(chain, transaction.networkId()));
    String hash = field(transaction.reference());
    lines.add("Hash: " + (hash.isEmpty() ? NO_HASH : hash));
    chain.flatMap(known -> known.link(transaction.reference())).ifPresent(lines::add);
    return String.join("\n", lines);
  }

  private static String calls(WalletSendCalls request) {
    var chain = Chain.of(request.chainId());
    int count = request.calls().size();
    var lines = new ArrayList<String>();
    lines.add(
        "Asks you to sign "
            + (count == 1 ? "one transaction" : count + " transactions")
            + " with "
            + given(request.from())
            + " on "
            + network(chain, request.chainId())
            + (count == 0 ? "." : ":"));
    List<WalletSendCalls.Call> shown = request.calls().subList(0, Math.min(count, MAX_CALLS));
    for (int i = 0; i < shown.size(); i++) {
      lines.add(i + 1 + ". " + call(shown.get(i), chain));
    }
    if (count > MAX_CALLS) {
      lines.add("… and " + (count - MAX_CALLS) + " more");
    }
    lines.add("");
    lines.add("Open your XMTP app to act. The descriptions are the sender's and need not be true.");
    return String.join("\n", lines);
  }

  private static String call(WalletSendCalls.Call call, Optional<Chain> chain) {
    var text = new StringBuilder();
    call.metadata()
        .map(WalletSendCalls.Metadata::description)
        .map(Summary::description)
        .filter(description -> !description.isEmpty())
        .ifPresent(description -> text.append('“').append(description).append("” – "));
    text.append("to ").append(given(call.to().orElse("")));
    call.value().ifPresent(value -> text.append(", value ").append(value(value, chain)));
    call.data()
        .map(Summary::field)
        .filter(data -> data.length() > "0x".length())
        .ifPresent(data -> text.append(", with call data"));
    return text.toString();
  }

  /** In the chain's own currency if the value is a number and the chain is known. */
  private static String value(String value, Optional<Chain> chain) {
    if (chain.isEmpty() || !UINT256.matcher(value).matches()) {
      return given(value);
    }
    var smallest = new BigInteger(value.substring(2), 16);
    return number(new BigDecimal(smallest, NATIVE_DECIMALS)) + " " + chain.get().currency();
  }

  private static String actions(Actions actions) {
    var text = new StringBuilder(UntrustedText.lines(actions.description()));
    if (actions.actions().isEmpty()) {
      return text.toString();
    }
    text.append("\n\n");
    for (int i = 0; i < actions.actions().size(); i++) {
      String label = label(actions.actions().get(i).label());
      text.append("[").append(i + 1).append("] ").append(label).append("\n");
    }
    return text.append("\nReply with the number to select").toString();
  }

  private static String network(Optional<Chain> chain, String id) {
    return chain.map(Chain::title).orElse("network " + given(id));
  }

  private static String label(String untrusted) {
    String label = field(untrusted);
    return label.isEmpty() ? UNNAMED_ACTION : label;
  }

  private static String given(String untrusted) {
    String text = field(untrusted);
    return text.isEmpty() ? NOT_GIVEN : text;
  }

  private static String field(String untrusted) {
    return UntrustedText.oneLine(untrusted, MAX_FIELD_CODE_POINTS);
  }

  private static String description(String untrusted) {
    return UntrustedText.oneLine(untrusted, MAX_DESCRIPTION_CODE_POINTS);
  }

  /** As given, but neither {@code 1E+1} for ten nor a million zeros. */
  private static String number(BigDecimal number) {
    var stripped = number.stripTrailingZeros();
    boolean writable =
        Math.abs((long) stripped.scale()) <= MAX_DIGITS && stripped.precision() <= MAX_DIGITS;
    // Digits beyond the limit are dropped: no currency has so many.
    return writable
        ? stripped.toPlainString()
        : stripped.round(new MathContext(MAX_DIGITS)).toString();
  }
}
