package io.postern.xmtp.client;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import io.postern.xmtp.client.WelcomeWrapper.Recipient;
import io.postern.xmtp.identity.InstallationId;
import java.util.ArrayList;
import java.util.List;

/**
 * A welcome that goes out once its commit is merged, with those it is for; kept sealed until then.
 */
record PendingWelcome(byte[] welcome, List<Recipient> recipients) {
  private static final int XWING = 1;
  private static final int POINTERS = 2;

  PendingWelcome {
    recipients = List.copyOf(recipients);
  }

  byte[] toOctets() {
    var out = new TlsWriter();
    out.opaque(welcome);
    for (var recipient : recipients) {
      out.fixed(recipient.installation().octets());
      out.opaque(recipient.publicKey());
      out.uint8((recipient.xwing() ? XWING : 0) | (recipient.readsPointers() ? POINTERS : 0));
    }
    return out.toOctets();
  }

  static PendingWelcome read(byte[] octets) {
    try {
      var in = new TlsReader(octets);
      var welcome = in.opaque("welcome");
      var recipients = new ArrayList<Recipient>();
      while (in.hasMore()) {
        var installation = InstallationId.of(in.fixed(InstallationId.LENGTH, "installation"));
        var publicKey = in.opaque("public_key");
        int flags = in.uint8("flags");
        recipients.add(
            new Recipient(installation, publicKey, (flags & XWING) != 0, (flags & POINTERS) != 0));
      }
      return new PendingWelcome(welcome, recipients);
    } catch (WireException damaged) {
      throw new IllegalStateException("a stored welcome of ours is damaged", damaged);
    }
  }
}
