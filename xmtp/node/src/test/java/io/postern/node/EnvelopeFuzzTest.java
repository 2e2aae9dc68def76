package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.PublishCommitLogRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.time.Clock;
import java.util.List;

/**
 * What is published is taken or refused, and what is taken can be served. The first octet says what
 * the others are.
 */
class EnvelopeFuzzTest {
  private static final int KINDS = 6;

  private final PublishCheck check =
      new PublishCheck(Clock.systemUTC(), ContractWalletVerifier.NONE);

  @FuzzTest(maxDuration = "10m")
  void isTakenOrRefused(byte[] octets) {
    if (octets.length == 0) {
      return;
    }
    var rest = ByteString.copyFrom(octets, 1, octets.length - 1);
    try {
      switch (Math.floorMod(octets[0], KINDS)) {
        case 0 -> isServed(EnvelopeCheck.arrival(GroupMessageInput.parseFrom(rest)));
        case 1 -> isServed(EnvelopeCheck.arrival(WelcomeMessageInput.parseFrom(rest)));
        case 2 -> isServed(EnvelopeCheck.arrival(PublishCommitLogRequest.parseFrom(rest)));
        case 3 -> assertThat(check.installationKey(rest).size()).isPositive();
        case 4 -> assertThat(MlsHeader.read(rest).groupId()).isNotNull();
        default -> check.verify(List.of(), IdentityUpdate.parseFrom(rest));
      }
    } catch (RefusedException refused) {
      assertThat(refused.status().getDescription()).isNotBlank();
    } catch (InvalidProtocolBufferException noRequest) {
      assertThat(noRequest.getMessage()).isNotBlank();
    }
  }

  private static void isServed(Arrival<?> arrival) {
    assertThat(arrival.topic().size()).isBetween(1, 255);
    assertThat(arrival.stamp().apply(1, 1_000)).isNotNull();
  }
}
