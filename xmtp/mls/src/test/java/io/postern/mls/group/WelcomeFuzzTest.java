package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.MlsException;
import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.PskSecret;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whoever has our key package can seal anything for us. The first octet says whether the rest is
 * GroupInfo or GroupSecrets; the other part is in order.
 */
class WelcomeFuzzTest {
  private final Client bob = new Client("bob");
  private final OwnKeyPackage keys = bob.keyPackage();
  private final SecureRandom random = new SecureRandom();

  private Welcome welcome(byte[] input) throws MlsException {
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    boolean isInfo = (input[0] & 1) == 0;
    Secret joiner = Secret.zero(32);
    byte[] info = isInfo ? rest : new byte[8];
    byte[] secrets =
        isInfo ? new GroupSecrets(joiner, Optional.empty(), List.of()).toOctets() : rest;
    byte[] sealedInfo =
        WelcomeKey.derive(Client.SUITE, joiner, Secret.zero(32)).seal(Client.SUITE, info);
    return new Welcome(
        Client.SUITE.id(),
        List.of(
            new Welcome.EncryptedGroupSecrets(
                keys.keyPackage().reference(Client.SUITE),
                Client.SUITE
                    .hpke()
                    .encryptWithLabel(
                        keys.keyPackage().initKey(), "Welcome", sealedInfo, secrets, random))),
        sealedInfo);
  }

  @FuzzTest(maxDuration = "10m")
  void joinsNothingByChance(byte[] input) throws MlsException {
    if (input.length == 0) {
      return;
    }
    Welcome welcome = welcome(input);
    Optional<JoinedGroup> joined = Optional.empty();
    try {
      joined =
          Optional.of(
              MlsGroup.join(
                  welcome,
                  keys,
                  bob.signer,
                  Optional.empty(),
                  PskSecret.Lookup.NONE,
                  GroupSettings.XMTP,
                  random));
    } catch (MlsException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }

    assertThat(joined).isEmpty();
  }
}
