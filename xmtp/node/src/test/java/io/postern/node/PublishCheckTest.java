package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The node takes and refuses what the official library takes and refuses. */
class PublishCheckTest {
  private static final JsonNode ASSOCIATIONS = Vectors.read("identity-associations.json");
  private static final JsonNode KEY_PACKAGES = Vectors.read("identity-keypackages.json");

  /** What the library calls a broken rule, and the text of a node about it. */
  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("MultipleCreate", "Multiple create operations detected"),
          Map.entry("NotCreated", "XID not yet created"),
          Map.entry("MissingExistingMember", "Missing existing member"),
          Map.entry(
              "NewMemberIdSignatureMismatch",
              "The new member identifier does not match the signer"),
          Map.entry("Generic(add self)", "Error creating association tried to add self"),
          Map.entry("MemberNotAllowed", "not allowed to add"),
          Map.entry("SignatureNotAllowed", "Signature not allowed for role"),
          Map.entry("LegacySignatureReuse", "Legacy key is only allowed to be associated"),
          Map.entry("Replay", "Replay detected"),
          Map.entry("WrongInboxId", "Wrong inbox_id specified on association"),
          Map.entry("ChainIdMismatch", "Wrong chain id. Initially added with"),
          Map.entry("InvalidAccountAddress", "Invalid account address: Must be 42 hex characters"));

  private final PublishCheck check =
      new PublishCheck(
          Clock.fixed(
              Instant.ofEpochSecond(
                  KEY_PACKAGES.path("verification").path("evaluated_at_unix_seconds").asLong()),
              ZoneOffset.UTC),
          ContractWalletVerifier.NONE);

  /**
   * Scenarios without contract wallets, since this node knows no chain, and without an update that
   * lies in the log of another inbox than it names: here it would go to the log that it names.
   */
  static Stream<Arguments> scenarios() {
    return StreamSupport.stream(ASSOCIATIONS.path("scenarios").spliterator(), false)
        .filter(each -> !each.path("expected").has("verifier_requests"))
        .filter(each -> !each.path("name").asText().equals("update_wire_inbox_id_ignored_by_key"))
        .map(each -> Arguments.of(each.path("name").asText(), each));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void takesOrRefusesUpdatesAsTheNetworkDoes(String name, JsonNode scenario) throws Exception {
    var expected = scenario.path("expected");
    var known = new ArrayList<IdentityUpdate>();
    var addresses = new HashSet<String>();
    var refusal = Optional.<RefusedException>empty();

    for (var entry : scenario.path("updates")) {
      var update = IdentityTest.update(entry);
      try {
        var change = check.verify(known, update);
        addresses.addAll(change.added());
        change.removed().forEach(addresses::remove);
        known.add(update);
      } catch (RefusedException e) {
        refusal = Optional.of(e);
        break;
      }
    }

    assertThat(refusal.isEmpty())
        .as("%s: %s", name, refusal)
        .isEqualTo(expected.path("ok").asBoolean());
    if (refusal.isPresent()) {
      assertThat(refusal.get().status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(refusal.get())
          .hasMessageContaining(TEXTS.getOrDefault(expected.path("error").asText(), ""));
    } else {
      assertThat(addresses).isEqualTo(ethereum(expected.path("identifiers")));
    }
  }

  private static Set<String> ethereum(JsonNode identifiers) {
    return StreamSupport.stream(identifiers.spliterator(), false)
        .filter(each -> each.path("kind").asText().equals("ethereum"))
        .map(each -> each.path("identifier").asText())
        .collect(Collectors.toSet());
  }

  /** Scenarios in which a contract wallet signs. */
  static Stream<Arguments> contractWallets() {
    return StreamSupport.stream(ASSOCIATIONS.path("scenarios").spliterator(), false)
        .filter(each -> each.path("expected").has("verifier_requests"))
        .map(each -> Arguments.of(each.path("name").asText(), each));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("contractWallets")
  void cannotTellWhetherAContractWalletSigned(String name, JsonNode scenario) throws Exception {
    var known = new ArrayList<IdentityUpdate>();
    var refusal = Optional.<RefusedException>empty();

    for (var entry : scenario.path("updates")) {
      try {
        check.verify(known, IdentityTest.update(entry));
        known.add(IdentityTest.update(entry));
      } catch (RefusedException e) {
        refusal = Optional.of(e);
        break;
      }
    }

    // An account that is not on an Ethereum chain is wrong whatever a chain says.
    var expected =
        name.equals("scw_non_eip155_fails")
            ? Status.Code.INVALID_ARGUMENT
            : Status.Code.UNAVAILABLE;
    assertThat(refusal).as(name).map(e -> e.status().getCode()).contains(expected);
  }

  static Stream<Arguments> keyPackages() {
    return StreamSupport.stream(
            KEY_PACKAGES.path("verification").path("cases").spliterator(), false)
        .map(
            each ->
                Arguments.of(
                    each.path("case").asText(),
                    ByteString.fromHex(each.path("key_package_tls_hex").asText()),
                    each.path("accepted_1_11").asBoolean()));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("keyPackages")
  void takesOrRefusesKeyPackagesAsOfficialClientsDo(
      String name, ByteString keyPackage, boolean accepted) throws Exception {
    if (accepted) {
      assertThat(check.installationKey(keyPackage)).as(name).hasSize(32);
    } else {
      assertThatThrownBy(() -> check.installationKey(keyPackage))
          .as(name)
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith(
              "invalid identity: validation failed with error XMTP Key Package failed");
    }
  }

  @Test
  void refusesEachTruncationOfAKeyPackage() {
    var keyPackage = (ByteString) keyPackages().findFirst().orElseThrow().get()[1];

    for (var length = 0; length < keyPackage.size(); length++) {
      var cut = keyPackage.substring(0, length);
      assertThatThrownBy(() -> check.installationKey(cut))
          .as("cut to " + length)
          .isInstanceOf(RefusedException.class);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void meetsSpoiledKeyPackagesWithItsOwnException(long seed) {
    var random = new SplittableRandom(seed);
    var good = ((ByteString) keyPackages().findFirst().orElseThrow().get()[1]).toByteArray();
    for (var round = 0; round < 300; round++) {
      var spoiled = good.clone();
      spoiled[random.nextInt(spoiled.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> check.installationKey(ByteString.copyFrom(spoiled)))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void refusesAnUpdateThatIsTooLarge() {
    var update =
        IdentityUpdate.newBuilder()
            .setInboxId("a".repeat(PublishCheck.MAX_IDENTITY_UPDATE_BYTES))
            .build();

    assertThatThrownBy(() -> check.verify(List.of(), update)).hasMessageContaining("at most");
  }
}
