package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import java.util.Arrays;

/**
 * What comes from the store is whole or refused. The first two octets are the length of the epoch's
 * state, the ratchets' follows; the whole is also taken for a staged commit.
 */
class SavedStateFuzzTest {
  private final Client alice = new Client("alice");

  @FuzzTest(maxDuration = "10m")
  void restoresOrRefuses(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int length = Math.min((input[0] & 0xff) << 8 | input[1] & 0xff, input.length - 2);
    byte[] epochState = Arrays.copyOfRange(input, 2, 2 + length);
    byte[] ratchetState = Arrays.copyOfRange(input, 2 + length, input.length);

    try {
      MlsGroup group = MlsGroup.restore(epochState, ratchetState, alice.signer, alice.random);
      assertThat(group.members()).isNotEmpty();
      assertThat(group.epochState()).isNotEmpty();
      assertThat(group.ratchetState()).isNotEmpty();
    } catch (MlsException refused) {
      assertThat(refused.failure()).isEqualTo(Failure.BAD_STATE);
    }
    try {
      assertThat(StagedCommit.fromOctets(input).toOctets()).isNotEmpty();
    } catch (MlsException refused) {
      assertThat(refused.failure()).isEqualTo(Failure.BAD_STATE);
    }
  }
}
