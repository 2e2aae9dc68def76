package io.postern.node;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import java.util.ArrayList;
import java.util.List;

/**
 * What the node verifies before it stores: key packages and identity updates. Reads no database.
 */
final class PublishCheck {
  /** The addresses that an update gave to its inbox, and those that it took away. */
  record AddressChange(List<String> added, List<String> removed) {}

  AddressChange verify(List<IdentityUpdate> known, IdentityUpdate update) throws RefusedException {
    var added = new ArrayList<String>();
    var removed = new ArrayList<String>();
    for (var action : update.getActionsList()) {
      switch (action.getKindCase()) {
        case CREATE_INBOX -> added.add(action.getCreateInbox().getInitialIdentifier());
        case ADD -> {
          if (action.getAdd().getNewMemberIdentifier().hasEthereumAddress()) {
            added.add(action.getAdd().getNewMemberIdentifier().getEthereumAddress());
          }
        }
        case REVOKE -> {
          if (action.getRevoke().getMemberToRevoke().hasEthereumAddress()) {
            removed.add(action.getRevoke().getMemberToRevoke().getEthereumAddress());
          }
        }
        default -> {}
      }
    }
    return new AddressChange(added, removed);
  }

  ByteString installationKey(ByteString keyPackage) throws RefusedException {
    var at = 4;
    for (var i = 0; ; i++) {
      var prefix = keyPackage.byteAt(at) >> 6 & 3;
      var n = keyPackage.byteAt(at) & 0x3f;
      at++;
      for (var k = 1; k < 1 << prefix; k++) {
        n = n << 8 | keyPackage.byteAt(at++) & 0xff;
      }
      if (i == 2) {
        return keyPackage.substring(at, at + n);
      }
      at += n;
    }
  }
}
