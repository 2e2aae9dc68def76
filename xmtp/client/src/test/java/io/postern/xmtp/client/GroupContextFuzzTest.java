package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.tree.Extensions;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.WireException;

/** Whatever stands in the context of a group is read, in either form, or refused. */
class GroupContextFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void readsOrRefuses(byte[] octets) {
    try {
      var in = new TlsReader(octets);
      var context = XmtpContext.of(Extensions.read(in));

      assertThat(context.metadata().kind()).isNotNull();
      assertThat(context.permissions()).isNotNull();
      var membership = context.membership();
      assertThat(GroupMembership.read(membership.toOctets())).isEqualTo(membership);
      if (!context.isMigrated()) {
        DerivedDictionary.of(context, context.metadata());
      } else {
        context.registry();
      }
    } catch (WireException | GroupException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }
}
