package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdentityUpdateTest {
  private static final JsonNode SCENARIOS =
      Vectors.read("identity-associations.json").get("scenarios");

  static LongStream seeds() {
    return LongStream.range(0, 40);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsBackWhatItWrote(long seed) throws Exception {
    var sent = anyUpdate(new SplittableRandom(seed));

    var octets = sent.write().toByteArray();

    assertThat(IdentityUpdate.read(octets)).isEqualTo(sent);
    assertThat(IdentityUpdate.read(octets).text()).isEqualTo(sent.text());
  }

  /** A prefix may be a shorter message of protobuf, but then it says less: never the same. */
  @Test
  void isAnotherOneOrNoneWhenTruncated() throws Exception {
    for (var name :
        List.of("create_eoa", "passkey_create", "scw_create_and_add", "legacy_create_and_add")) {
      var octets = firstUpdate(name);
      var whole = IdentityUpdate.read(octets);
      for (int length = 0; length < octets.length; length++) {
        try {
          assertThat(IdentityUpdate.read(Arrays.copyOf(octets, length))).isNotEqualTo(whole);
        } catch (IdentityException refused) {
          assertThat(refused.error()).isEqualTo(IdentityError.CONVERSION);
        }
      }
    }
  }

  @Test
  void meetsRandomOctetsWithItsOwnException() throws Exception {
    var random = new SplittableRandom(11);
    int read = 0;
    for (int i = 0; i < 1000; i++) {
      var octets = mutated(firstUpdate("legacy_create_and_add"), random);
      try {
        IdentityUpdate.read(octets).verify(ContractWalletVerifier.NONE);
        read++;
      } catch (IdentityException refused) {
        assertThat(refused.error()).isIn(IdentityError.CONVERSION, IdentityError.SIGNATURE);
      } catch (ContractWalletUnavailableException asked) {
        assertThat(asked).hasMessageContaining("no verifier");
      }
    }
    assertThat(read).isPositive();
  }

  @Test
  void verifiesASignatureOnceHoweverOftenItStands() throws Exception {
    var asked = new ArrayList<ContractWalletVerifier.Question>();

    IdentityUpdate.read(firstUpdate("scw_create_and_add"))
        .verify(
            question -> {
              asked.add(question);
              return new ContractWalletVerifier.Answer(
                  true, OptionalLong.empty(), Optional.empty());
            });

    assertThat(asked).hasSize(1);
  }

  @Test
  void isLeftOpenWhileAContractWalletCannotBeAsked() throws Exception {
    var update = IdentityUpdate.read(firstUpdate("scw_create_and_add"));

    var open =
        catchThrowableOfType(
            ContractWalletUnavailableException.class,
            () ->
                update.verify(
                    question -> {
                      throw new ContractWalletUnavailableException("eip155:1 did not answer");
                    }));

    assertThat(open).hasMessage("eip155:1 did not answer");
  }

  @Test
  void ignoresFieldsItDoesNotKnow() throws Exception {
    var known = firstUpdate("create_eoa");
    var more = Arrays.copyOf(known, known.length + 3);
    more[known.length] = (byte) 0xa0;
    more[known.length + 1] = 0x06;
    more[known.length + 2] = 0x01;

    assertThat(IdentityUpdate.read(more)).isEqualTo(IdentityUpdate.read(known));
  }

  @Test
  void tellsPasskeysApartByTheirKeyOnly() throws Exception {
    var key = "029a2f9f7997a7fab2453c002b8bdc08fe4c8b6221ce689f771c0ee9067e0e0393";
    var one = Passkey.parse(key, Optional.of("one.example"));
    var other = Passkey.parse("0x" + key.toUpperCase(java.util.Locale.ROOT), Optional.empty());

    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one).isNotEqualTo(new Identifier.Ethereum(key));
    assertThat(one).isNotEqualTo(new MemberIdentifier.Installation(one.key()));
    assertThat(MemberIdentifier.fromWire(one.toWire())).isEqualTo(one);
    assertThat(((Passkey) MemberIdentifier.fromWire(one.toWire())).relyingParty())
        .contains("one.example");
  }

  private static byte[] firstUpdate(String scenario) {
    return Vectors.each(SCENARIOS)
        .filter(one -> one.get("name").asText().equals(scenario))
        .map(one -> Vectors.octets(one.get("updates").get(0).get("identity_update_hex")))
        .findFirst()
        .orElseThrow();
  }

  private static byte[] mutated(byte[] octets, SplittableRandom random) {
    int kept = random.nextInt(10) == 0 ? random.nextInt(octets.length) : octets.length;
    var mutated = Arrays.copyOf(octets, kept);
    for (int changes = random.nextInt(4); changes > 0 && kept > 0; changes--) {
      mutated[random.nextInt(kept)] = (byte) random.nextInt(256);
    }
    return mutated;
  }

  private static IdentityUpdate anyUpdate(SplittableRandom random) throws IdentityException {
    var actions = new ArrayList<IdentityAction<IdentitySignature>>();
    for (int count = random.nextInt(5); count > 0; count--) {
      actions.add(
          switch (random.nextInt(4)) {
            case 0 ->
                new IdentityAction.CreateInbox<>(
                    anyIdentifier(random), random.nextLong(), anySignature(random));
            case 1 ->
                new IdentityAction.AddAssociation<>(
                    anyMember(random), anySignature(random), anySignature(random));
            case 2 ->
                new IdentityAction.RevokeAssociation<>(anyMember(random), anySignature(random));
            default ->
                new IdentityAction.ChangeRecovery<>(anyIdentifier(random), anySignature(random));
          });
    }
    return new IdentityUpdate(actions, random.nextLong(), anyText(random));
  }

  private static MemberIdentifier anyMember(SplittableRandom random) {
    return random.nextInt(3) == 0
        ? new MemberIdentifier.Installation(anyOctets(random, 40))
        : anyIdentifier(random);
  }

  private static Identifier anyIdentifier(SplittableRandom random) {
    if (random.nextBoolean()) {
      return new Identifier.Ethereum(anyText(random));
    }
    return new Passkey(
        anyOctets(random, 66),
        random.nextBoolean() ? Optional.of(anyText(random)) : Optional.empty());
  }

  private static IdentitySignature anySignature(SplittableRandom random) throws IdentityException {
    return switch (random.nextInt(4)) {
      case 0 -> new WalletSignature(anyOctets(random, 66));
      case 1 ->
          new ContractWalletSignature(
              AccountId.parse("eip155:" + random.nextInt(1000) + ":0xa1"),
              random.nextLong(),
              anyOctets(random, 200));
      case 2 ->
          new InstallationSignature(
              anyOctets(random, 65), Vectors.installation(random.nextInt(256)).id().key());
      default ->
          new PasskeySignature(
              anyOctets(random, 66),
              anyOctets(random, 73),
              anyOctets(random, 40),
              anyOctets(random, 300));
    };
  }

  private static ByteString anyOctets(SplittableRandom random, int limit) {
    var octets = new byte[random.nextInt(limit)];
    random.nextBytes(octets);
    return ByteString.copyFrom(octets);
  }

  private static String anyText(SplittableRandom random) {
    return random
        .ints(random.nextInt(50), 0x20, 0xd000)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
