package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.xmtp.proto.identity.api.PublishIdentityUpdateRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What three versions of the official client published while somebody registered, linked, revoked
 * and handed over.
 */
class IdentityFlowsTest {
  private static final List<String> LINKING =
      List.of("register_new_inbox", "link_wallet", "link_passkey", "link_smart_contract_wallet");

  static Stream<Named<JsonNode>> captures() {
    var captures = Vectors.read("identity-flows.json").get("captures");
    return StreamSupport.stream(((Iterable<String>) captures::fieldNames).spliterator(), false)
        .map(version -> Named.of(version, captures.get(version)));
  }

  @ParameterizedTest
  @MethodSource("captures")
  void verifiesAllThatTheOfficialClientPublishes(JsonNode capture) throws Exception {
    int published = 0;
    for (var flow : capture) {
      if (flow.has("publish_request")) {
        var update = update(flow);
        published++;

        assertThat(update.text().value()).isEqualTo(flow.get("signature_text").asText());
        assertThat(update.verify(IdentityFlowsTest::accept).actions()).isNotEmpty();
      }
    }
    assertThat(published).isEqualTo(9);
  }

  @ParameterizedTest
  @MethodSource("captures")
  void arrivesAtTheStateThatTheOfficialClientReports(JsonNode capture) throws Exception {
    var log = new ArrayList<VerifiedIdentityUpdate>();
    for (var flow : LINKING) {
      log.add(update(capture.get(flow)).verify(IdentityFlowsTest::accept));
    }

    var state = AssociationState.fold(log);

    var expected = capture.get("state_after_links");
    assertThat(state.recovery().text())
        .isEqualTo(expected.get("recovery").get("identifier").asText());
    assertThat(state.identifiers().stream().map(Identifier::text))
        .containsExactlyElementsOf(
            Vectors.each(expected.get("identifiers"))
                .map(one -> one.get("identifier").asText())
                .toList());
    assertThat(state.installations().stream().map(InstallationId::toString))
        .containsExactlyElementsOf(
            Vectors.each(expected.get("installations")).map(JsonNode::asText).toList());
  }

  @ParameterizedTest
  @MethodSource("captures")
  void writesTheOctetsThatTheOfficialClientWrites(JsonNode capture) throws Exception {
    for (var flow : capture) {
      if (flow.has("publish_request")) {
        var request =
            PublishIdentityUpdateRequest.parseFrom(Vectors.octets(flow.get("publish_request")));

        assertThat(Vectors.hex(update(flow).write()))
            .isEqualTo(Vectors.hex(request.getIdentityUpdate().toByteString()));
      }
    }
  }

  private static IdentityUpdate update(JsonNode flow) throws Exception {
    return IdentityUpdate.fromWire(
        PublishIdentityUpdateRequest.parseFrom(Vectors.octets(flow.get("publish_request")))
            .getIdentityUpdate());
  }

  private static ContractWalletVerifier.Answer accept(ContractWalletVerifier.Question question) {
    return new ContractWalletVerifier.Answer(true, OptionalLong.of(1), Optional.empty());
  }
}
