package io.postern.bridge;

import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.Content;
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

/** What is said in the terminal. Lines go to whoever wrote last, or to whom {@code /to} names. */
final class Chat {
  private static final String HELP =
      "type a line to answer whoever wrote last; /to INBOX-OR-0x-ADDRESS begins a conversation,"
          + " /to N goes on with one, /list shows them, /quit ends";

  private final ClientStore store;
  private final String domain;
  private final PrintWriter out;
  private final List<InboxId> peers = new ArrayList<>();
  private XmtpClient client;
  private Inbox self;
  private Optional<InboxId> current = Optional.empty();

  Chat(ClientStore store, String domain, PrintWriter out) {
    this.store = store;
    this.domain = domain;
    this.out = out;
  }

  /** Opens the identity, makes it the first time, and shows what came meanwhile. */
  synchronized void begin(XmtpClient opened) throws XmtpException {
    client = opened;
    self = client.createHosted(0);
    out.println("you are " + self.address() + ", inbox " + self.id());
    out.println("mail to " + self.address() + "@" + domain + " reaches you here");
    out.println(HELP);
    client.start();
    self.sync();
    show();
  }

  /** Messages have come; called by the client. */
  synchronized void arrived() {
    if (self != null) {
      show();
    }
  }

  /** Shows what came last before the terminal closes. */
  synchronized void end() throws XmtpException {
    self.sync();
    show();
  }

  private void show() {
    List<Pending> waiting = store.jdbi().withHandle(h -> store.messages().pending(h, 0, 100));
    for (var pending : waiting) {
      var message = pending.message();
      var content = ContentCodec.decode(message.content());
      int number = numberOf(message.sender());
      current = Optional.of(message.sender());
      words(content).ifPresent(text -> out.println("[" + number + "] " + text));
      store.jdbi().useTransaction(handle -> store.messages().handedOn(handle, pending));
    }
    out.flush();
  }

  private static Optional<String> words(Content content) {
    return content.summary();
  }

  private int numberOf(InboxId peer) {
    if (!peers.contains(peer)) {
      peers.add(peer);
      out.println("(" + peers.size() + " is inbox " + peer + ")");
    }
    return peers.indexOf(peer) + 1;
  }

  /**
   * Does what a line says.
   *
   * @return whether to go on
   */
  synchronized boolean typed(String line) {
    try {
      var text = line.strip();
      if (text.equals("/quit")) {
        return false;
      }
      if (text.equals("/list")) {
        list();
      } else if (text.startsWith("/to ")) {
        to(text.substring("/to ".length()).strip());
      } else if (text.startsWith("/")) {
        out.println(HELP);
      } else if (!text.isEmpty()) {
        say(text);
      }
    } catch (XmtpException | ContentException failed) {
      out.println("not sent: " + failed.getMessage());
    }
    return true;
  }

  private void list() {
    for (int i = 0; i < peers.size(); i++) {
      out.println("[" + (i + 1) + "] inbox " + peers.get(i));
    }
  }

  private void to(String whom) throws XmtpException {
    if (whom.matches("\\d{1,4}")) {
      int number = Integer.parseInt(whom);
      if (number < 1 || number > peers.size()) {
        out.println("there is no conversation " + number);
        return;
      }
      current = Optional.of(peers.get(number - 1));
      return;
    }
    try {
      var peer =
          whom.startsWith("0x")
              ? client.find(EthereumAddress.parse(whom))
              : Optional.of(InboxId.parse(whom));
      if (peer.isEmpty()) {
        out.println("nobody on XMTP has the wallet " + whom);
        return;
      }
      current = peer;
      out.println("writing to [" + numberOf(peer.get()) + "]");
    } catch (IdentityException malformed) {
      out.println(whom + " is no inbox: " + malformed.getMessage());
    }
  }

  private void say(String text) throws XmtpException, ContentException {
    if (current.isEmpty()) {
      out.println("nobody has written yet; " + HELP);
      return;
    }
    Conversation conversation = self.dm(current.get());
    var key = Long.toString(System.currentTimeMillis()) + "-" + System.nanoTime();
    conversation.send(EncodedMessage.of(new Text(text), key));
  }
}
