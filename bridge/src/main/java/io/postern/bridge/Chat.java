package io.postern.bridge;

import io.postern.mapping.WholeMail;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Pending;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What is said in the terminal. Lines go to whoever wrote last, or to whom {@code /to} names.
 *
 * <p>Used by two threads: one reads the terminal, one of the client's brings what has arrived. The
 * lock covers the screen and who is who; nobody holds it while waiting for the network, because the
 * client's thread may be what brings the answer.
 */
final class Chat {
  private static final String HELP =
      "type a line to answer whoever wrote last; /to INBOX-OR-0x-ADDRESS begins a conversation,"
          + " /to N goes on with one, /list shows them, /whole asks for the last mail as it came,"
          + " /quit ends";

  private static final int AT_ONCE = 100;

  private final ClientStore store;
  private final String domain;
  private final PrintWriter out;
  private final List<InboxId> peers = new ArrayList<>();
  private volatile boolean open;
  private XmtpClient client;
  private Inbox self;
  private Optional<InboxId> current = Optional.empty();

  Chat(ClientStore store, String domain, PrintWriter out) {
    this.store = store;
    this.domain = domain;
    this.out = out;
  }

  /** Opens the identity, makes it the first time, and shows what came meanwhile. */
  void begin(XmtpClient opened) throws XmtpException {
    client = opened;
    self = client.createHosted(0);
    print(
        "you are " + self.address() + ", inbox " + self.id(),
        "mail to " + self.address() + "@" + domain + " reaches you here",
        HELP);
    open = true;
    client.start();
    self.sync();
    show();
  }

  /** Messages have come; called by the client. */
  void arrived() {
    if (open) {
      show();
    }
  }

  /** Shows what came last before the terminal closes. */
  void end() throws XmtpException {
    self.sync();
    show();
  }

  private synchronized void show() {
    List<Pending> waiting;
    do {
      waiting = store.jdbi().withHandle(h -> store.messages().pending(h, 0, AT_ONCE));
      for (var pending : waiting) {
        var message = pending.message();
        var number = numberOf(message.sender());
        current = Optional.of(message.sender());
        ContentCodec.decode(message.content())
            .summary()
            .ifPresent(text -> out.println("[" + number + "] " + harmless(text)));
        store.jdbi().useTransaction(handle -> store.messages().handedOn(handle, pending));
      }
    } while (waiting.size() == AT_ONCE);
    out.flush();
  }

  /** A stranger's text, without what would make a terminal do things. */
  static String harmless(String text) {
    return text.codePoints()
        .map(c -> c == '\n' || !Character.isISOControl(c) ? c : '\uFFFD')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private synchronized void print(String... lines) {
    for (var line : lines) {
      out.println(line);
    }
    out.flush();
  }

  private synchronized int numberOf(InboxId peer) {
    if (!peers.contains(peer)) {
      peers.add(peer);
      print("(" + peers.size() + " is inbox " + peer + ")");
    }
    return peers.indexOf(peer) + 1;
  }

  /**
   * Does what a line says.
   *
   * @return whether to go on
   */
  boolean typed(String line) {
    var text = line.strip();
    try {
      if (text.equals("/quit")) {
        return false;
      }
      if (text.equals("/list")) {
        list();
      } else if (text.startsWith("/to ")) {
        to(text.substring("/to ".length()).strip());
      } else if (isSaid(text)) {
        say(text);
      } else if (!text.isEmpty()) {
        print(HELP);
      }
    } catch (XmtpException | ContentException failed) {
      print("not sent: " + failed.getMessage());
    }
    return true;
  }

  /** Whether a line is for the other side: words, or the command that the bridge obeys. */
  static boolean isSaid(String line) {
    return WholeMail.isAsked(new Text(line)) || !line.isEmpty() && !line.startsWith("/");
  }

  private synchronized void list() {
    for (int i = 0; i < peers.size(); i++) {
      print("[" + (i + 1) + "] inbox " + peers.get(i));
    }
  }

  private void to(String whom) throws XmtpException {
    if (whom.matches("\\d{1,4}")) {
      goOnWith(Integer.parseInt(whom));
      return;
    }
    try {
      var peer =
          whom.startsWith("0x")
              ? client.find(EthereumAddress.parse(whom))
              : Optional.of(InboxId.parse(whom));
      if (peer.isEmpty()) {
        print("nobody on XMTP has the wallet " + whom);
        return;
      }
      writeTo(peer.get());
    } catch (IdentityException malformed) {
      print(whom + " is no inbox: " + malformed.getMessage());
    }
  }

  private synchronized void goOnWith(int number) {
    if (number < 1 || number > peers.size()) {
      print("there is no conversation " + number);
    } else {
      writeTo(peers.get(number - 1));
    }
  }

  private synchronized void writeTo(InboxId peer) {
    current = Optional.of(peer);
    print("writing to [" + numberOf(peer) + "]");
  }

  private synchronized Optional<InboxId> current() {
    return current;
  }

  private void say(String text) throws XmtpException, ContentException {
    var peer = current();
    if (peer.isEmpty()) {
      print("nobody has written yet; " + HELP);
      return;
    }
    self.dm(peer.get()).send(EncodedMessage.of(new Text(text), UUID.randomUUID().toString()));
  }
}
