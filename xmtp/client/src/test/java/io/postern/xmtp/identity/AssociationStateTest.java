package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** 128 logs that three versions of the official client were given, with what they all said. */
class AssociationStateTest {
  static Stream<Named<JsonNode>> scenarios() {
    return Vectors.each(Vectors.read("identity-associations.json").get("scenarios"))
        .map(scenario -> Named.of(scenario.get("name").asText(), scenario));
  }

  static Stream<Named<JsonNode>> readable() {
    return scenarios()
        .filter(scenario -> scenario.getPayload().get("expected").get("ok").asBoolean());
  }

  static Stream<Named<JsonNode>> refused() {
    return scenarios()
        .filter(scenario -> !scenario.getPayload().get("expected").get("ok").asBoolean());
  }

  @Test
  void isToldFromAllScenarios() {
    assertThat(scenarios()).hasSize(128);
    assertThat(readable()).hasSizeGreaterThan(50);
    assertThat(refused()).hasSizeGreaterThan(50);
  }

  @ParameterizedTest
  @MethodSource("readable")
  void hasTheMembersThatTheOfficialClientFinds(JsonNode scenario) throws Exception {
    var asked = new ArrayList<ContractWalletVerifier.Question>();

    var state = log(scenario, asked).state();

    var expected = scenario.get("expected");
    assertThat(state.inboxId().value()).isEqualTo(scenario.get("inbox_id").asText());
    assertThat(described(state.recovery()))
        .isEqualTo(described(expected.get("recovery_identifier")));
    assertThat(state.identifiers().stream().map(AssociationStateTest::described))
        .containsExactlyInAnyOrderElementsOf(
            Vectors.each(expected.get("identifiers"))
                .map(AssociationStateTest::described)
                .toList());
    assertThat(state.installations().stream().map(id -> installation(state, id)))
        .containsExactlyInAnyOrderElementsOf(
            Vectors.each(expected.get("installations"))
                .map(one -> one.get("id").asText() + " " + one.get("client_timestamp_ns").asText())
                .toList());
    if (expected.has("verifier_requests")) {
      assertThat(asked.stream().map(AssociationStateTest::described).distinct())
          .containsExactlyInAnyOrderElementsOf(
              Vectors.each(expected.get("verifier_requests"))
                  .map(AssociationStateTest::describedRequest)
                  .distinct()
                  .toList());
    }
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedForTheReasonThatTheOfficialClientGives(JsonNode scenario) {
    var refused =
        catchThrowableOfType(
            IdentityException.class, () -> log(scenario, new ArrayList<>()).state());

    var expected = scenario.get("expected");
    assertThat(refused.error().category()).isEqualTo(expected.get("error").asText());
    if (refused.error() != IdentityError.CONVERSION) {
      assertThat(expected.get("library_message").asText()).endsWith(refused.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void isSignedWithTheTextThatTheOfficialClientShows(JsonNode scenario) throws Exception {
    for (var entry : scenario.get("updates")) {
      var octets = Vectors.octets(entry.get("identity_update_hex"));
      var readable = !scenario.get("expected").path("error").asText().equals("ProtobufConversion");

      // One scenario signs on purpose another text than that of its update.
      if (readable && !scenario.get("name").asText().equals("trailing_slash_footer_fails")) {
        assertThat(IdentityUpdate.read(octets).text().value())
            .isEqualTo(entry.get("signature_text").asText());
      }
    }
  }

  @Test
  void listsMembersByTimeWithTheCreatorLast() throws Exception {
    var scenario =
        scenarios()
            .map(Named::getPayload)
            .filter(one -> one.get("name").asText().equals("member_order_by_timestamp"))
            .findFirst()
            .orElseThrow();

    var state = log(scenario, new ArrayList<>()).state();

    var expected = scenario.get("expected");
    assertThat(state.identifiers().stream().map(AssociationStateTest::described))
        .containsExactlyElementsOf(
            Vectors.each(expected.get("identifiers"))
                .map(AssociationStateTest::described)
                .toList());
    assertThat(state.installations().stream().map(InstallationId::toString))
        .containsExactlyElementsOf(
            Vectors.each(expected.get("installations"))
                .map(one -> one.get("id").asText())
                .toList());
  }

  /** Every update that reads, in any scenario, is written with the same meaning. */
  @ParameterizedTest
  @MethodSource("readable")
  void isTheSameFromUpdatesThatWereReadAndWrittenAgain(JsonNode scenario) throws Exception {
    var again = new ArrayList<IdentityLog.Entry>();
    for (var entry : scenario.get("updates")) {
      var update = IdentityUpdate.read(Vectors.octets(entry.get("identity_update_hex")));
      var rewritten = IdentityUpdate.read(update.write().toByteArray());
      assertThat(rewritten).isEqualTo(update);
      again.add(
          new IdentityLog.Entry(
              entry.get("sequence_id").asLong(),
              rewritten.verify(verifier(scenario, new ArrayList<>()))));
    }

    assertThat(IdentityLog.of(again).state()).isEqualTo(log(scenario, new ArrayList<>()).state());
  }

  @ParameterizedTest
  @MethodSource("readable")
  void isTheSameFromALogThatCameInReverse(JsonNode scenario) throws Exception {
    var entries = entries(scenario, new ArrayList<>());

    var inOrder = IdentityLog.of(entries).state();
    Collections.reverse(entries);
    var reversed = IdentityLog.of(entries).state();

    assertThat(reversed).isEqualTo(inOrder);
  }

  @ParameterizedTest
  @MethodSource("readable")
  void isTheSameOnceKeptAndReadBack(JsonNode scenario) throws Exception {
    var state = log(scenario, new ArrayList<>()).state();

    var kept =
        io.postern.xmtp.proto.associations.AssociationState.parseFrom(state.toWire().toByteArray());

    assertThat(AssociationState.fromWire(kept)).isEqualTo(state);
    assertThat(AssociationState.fromWire(kept).members()).isEqualTo(state.members());
  }

  @Test
  void isNotReadFromWhatIsNoState() {
    var empty = io.postern.xmtp.proto.associations.AssociationState.getDefaultInstance();
    var inbox = "0d05a8c5aa4a47150dd325ec99a0e8d0bcd74c98f6b852d944840390159f76b2";
    var emptyMember =
        empty.toBuilder()
            .setInboxId(inbox)
            .addMembers(io.postern.xmtp.proto.associations.MemberMap.getDefaultInstance())
            .build();

    assertThat(
            catchThrowableOfType(IdentityException.class, () -> AssociationState.fromWire(empty))
                .error())
        .isEqualTo(IdentityError.INVALID_INPUT);
    assertThat(
            catchThrowableOfType(
                    IdentityException.class, () -> AssociationState.fromWire(emptyMember))
                .error())
        .isEqualTo(IdentityError.CONVERSION);
  }

  static IdentityLog log(JsonNode scenario, List<ContractWalletVerifier.Question> asked)
      throws IdentityException, ContractWalletUnavailableException {
    return IdentityLog.of(entries(scenario, asked));
  }

  private static List<IdentityLog.Entry> entries(
      JsonNode scenario, List<ContractWalletVerifier.Question> asked)
      throws IdentityException, ContractWalletUnavailableException {
    var entries = new ArrayList<IdentityLog.Entry>();
    for (var entry : scenario.get("updates")) {
      var update = IdentityUpdate.read(Vectors.octets(entry.get("identity_update_hex")));
      entries.add(
          new IdentityLog.Entry(
              entry.get("sequence_id").asLong(), update.verify(verifier(scenario, asked))));
    }
    return entries;
  }

  private static ContractWalletVerifier verifier(
      JsonNode scenario, List<ContractWalletVerifier.Question> asked) {
    return question -> {
      asked.add(question);
      if (!scenario.has("scw_verifier_says")) {
        throw new ContractWalletUnavailableException("the scenario has no contract wallet");
      }
      return new ContractWalletVerifier.Answer(
          scenario.get("scw_verifier_says").asBoolean(), OptionalLong.of(123), Optional.empty());
    };
  }

  private static String installation(AssociationState state, InstallationId id) {
    var member = state.member(id.identifier()).orElseThrow();
    return id + " " + Long.toUnsignedString(member.clientTimestampNs().orElseThrow());
  }

  private static String described(Identifier identifier) {
    return identifier.kind() + " " + identifier.text();
  }

  private static String described(JsonNode identifier) {
    return identifier.get("kind").asText() + " " + identifier.get("identifier").asText();
  }

  private static String described(ContractWalletVerifier.Question question) {
    return String.join(
        " ",
        question.account().toString(),
        Long.toUnsignedString(question.blockNumber().orElseThrow()),
        Vectors.hex(question.hash()),
        Vectors.hex(question.signature()));
  }

  private static String describedRequest(JsonNode request) {
    return String.join(
        " ",
        request.get("account_id").asText(),
        request.get("block_number").asText(),
        request.get("hash").asText(),
        request.get("signature").asText());
  }
}
