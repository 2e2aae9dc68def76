package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any octets are an identity update or refused, and so is whoever signed it. */
class IdentityUpdateFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void readsOrRefuses(byte[] octets) {
    try {
      var update = IdentityUpdate.read(octets);

      assertThat(IdentityUpdate.read(update.write().toByteArray())).isEqualTo(update);
      var verified = update.verify(ContractWalletVerifier.NONE);
      assertThat(verified.update()).isEqualTo(update);
    } catch (IdentityException | ContractWalletUnavailableException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }
}
