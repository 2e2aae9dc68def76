package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.MlsException;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;
import java.util.List;

/**
 * Mallory is a member and signs what she likes. The first octet says what it is, an application
 * message, a proposal or a commit; the rest is its body.
 */
class MemberFuzzTest {
  private final Client alice = new Client("alice");
  private final Client mallory = new Client("mallory");
  private final byte[] epochState;
  private final byte[] ratchetState;
  private final MlsGroup ofMallory;

  MemberFuzzTest() throws MlsException {
    MlsGroup ofAlice = alice.create();
    OwnKeyPackage keys = mallory.keyPackage();
    OwnCommit commit =
        ofAlice.commit(List.of(Client.add(keys), Client.add(new Client("bob").keyPackage())));
    ofAlice.merge(commit.staged());
    ofMallory = mallory.join(commit.welcome().orElseThrow(), keys);
    epochState = ofAlice.epochState();
    ratchetState = ofAlice.ratchetState();
  }

  @FuzzTest(maxDuration = "10m")
  void doesWhatTheRulesAllowAndNoMore(byte[] input) throws MlsException {
    if (input.length == 0) {
      return;
    }
    FramedContent.Body body;
    try {
      TlsReader in = new TlsReader(Arrays.copyOfRange(input, 1, input.length));
      body = FramedContent.Body.read(in, ContentType.values()[(input[0] & 0xff) % 3]);
    } catch (WireException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return;
    }
    byte[] message = new Forger(ofMallory, mallory.signer).framed(body).octets();
    MlsGroup group = MlsGroup.restore(epochState, ratchetState, alice.signer, alice.random);

    try {
      if (body instanceof FramedContent.Application) {
        group.decrypt(Client.message(message));
      } else if (body instanceof FramedContent.Proposed) {
        group.receiveProposal(MlsMessage.read(message));
      } else {
        group.stage(MlsMessage.read(message)).drop();
      }
    } catch (MlsException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }

    assertThat(group.epoch()).isEqualTo(1);
    assertThat(new TlsWriter().struct(body).toOctets().length)
        .isLessThanOrEqualTo(input.length - 1);
  }
}
