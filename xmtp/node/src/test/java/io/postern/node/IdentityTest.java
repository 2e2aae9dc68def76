package io.postern.node;

import static io.postern.node.GroupMessagesTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesRequest;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesResponse;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesResponse.IdentityUpdateLog;
import io.postern.xmtp.proto.identity.api.GetInboxIdsRequest;
import io.postern.xmtp.proto.identity.api.GetInboxIdsResponse;
import io.postern.xmtp.proto.identity.api.PublishIdentityUpdateRequest;
import io.postern.xmtp.proto.identity.api.VerifySmartContractWalletSignatureRequestSignature;
import io.postern.xmtp.proto.identity.api.VerifySmartContractWalletSignaturesRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
  private static final JsonNode VECTORS = Vectors.read("identity-associations.json");
  private static final String WALLET = VECTORS.path("keys").path("W1").path("address").asText();

  @TempDir Path folder;
  private RunningNode node;

  @BeforeEach
  void open() throws Exception {
    node = RunningNode.open(folder);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void sequenceIdsAreOneSequenceOverAllInboxesAndLast() throws Exception { // N-15
    publish(first("create_eoa"));
    publish(first("create_eoa_nonce1"));
    var before = log(first("create_eoa_nonce1").getInboxId(), 0);
    node.close();

    node = RunningNode.open(folder);
    publish(first("passkey_create"));

    assertThat(log(first("create_eoa").getInboxId(), 0))
        .extracting(IdentityUpdateLog::getSequenceId)
        .containsExactly(1L);
    assertThat(before).extracting(IdentityUpdateLog::getSequenceId).containsExactly(2L);
    assertThat(log(first("create_eoa_nonce1").getInboxId(), 0)).isEqualTo(before);
    assertThat(log(first("passkey_create").getInboxId(), 0))
        .extracting(IdentityUpdateLog::getSequenceId)
        .containsExactly(3L);
  }

  @Test
  void tellsAllUpdatesBehindACursorAtOnce() throws Exception { // N-16
    var scenario = longest();
    var published = new ArrayList<IdentityUpdate>();
    for (var update : scenario.path("updates")) {
      publish(update(update));
      published.add(update(update));
    }
    var inboxId = scenario.path("inbox_id").asText();

    var all = log(inboxId, 0);

    assertThat(all).extracting(IdentityUpdateLog::getUpdate).isEqualTo(published);
    assertThat(all).extracting(IdentityUpdateLog::getSequenceId).isSorted();
    assertThat(all)
        .extracting(IdentityUpdateLog::getServerTimestampNs)
        .isSorted()
        .allMatch(time -> time > 0);
    assertThat(log(inboxId, all.get(0).getSequenceId())).isEqualTo(all.subList(1, all.size()));
    assertThat(log(inboxId, Long.MAX_VALUE)).isEmpty();
    assertThat(log(inboxId, -1)).as("2^64 - 1").isEmpty();
    assertThat(log(inboxId.toUpperCase(Locale.ROOT), 0)).isEmpty();
  }

  @Test
  void answersEachRequestInItsPlace() throws Exception {
    publish(first("create_eoa"));
    var inboxId = first("create_eoa").getInboxId();
    var stranger = "ff".repeat(32);

    var response =
        node.identity()
            .getIdentityUpdates(
                GetIdentityUpdatesRequest.newBuilder()
                    .addRequests(request(stranger, 0))
                    .addRequests(request(inboxId, 0))
                    .addRequests(request(inboxId, 1))
                    .build());

    assertThat(response.getResponsesList())
        .extracting(GetIdentityUpdatesResponse.Response::getInboxId)
        .containsExactly(stranger, inboxId, inboxId);
    assertThat(response.getResponsesList())
        .extracting(GetIdentityUpdatesResponse.Response::getUpdatesCount)
        .containsExactly(0, 1, 0);
  }

  @Test
  void refusesTheSameUpdateASecondTime() throws Exception {
    publish(first("create_eoa"));

    assertRefused(
        () -> publish(first("create_eoa")),
        Status.Code.INVALID_ARGUMENT,
        "Multiple create operations detected");
  }

  @Test
  void anAddressLeadsToItsNewestInbox() throws Exception {
    assertThat(inboxIds(WALLET).getResponses(0).hasInboxId()).isFalse();

    publish(first("create_eoa"));
    assertThat(inboxIds(WALLET).getResponses(0).getInboxId())
        .isEqualTo(first("create_eoa").getInboxId());
    publish(first("create_eoa_nonce1"));

    var response =
        inboxIds("0x" + "00".repeat(20), WALLET, WALLET.toUpperCase(Locale.ROOT), WALLET);
    assertThat(response.getResponsesList())
        .extracting(GetInboxIdsResponse.Response::getInboxId)
        .containsExactly(
            "",
            first("create_eoa_nonce1").getInboxId(),
            "",
            first("create_eoa_nonce1").getInboxId());
    assertThat(response.getResponsesList())
        .extracting(GetInboxIdsResponse.Response::getIdentifierKindValue)
        .containsOnly(0);
    assertThat(response.getResponses(1).getIdentifier()).isEqualTo(WALLET);
  }

  @Test
  void refusesWhatIsNoUpdate() throws Exception {
    assertRefused(
        () ->
            node.identity()
                .publishIdentityUpdate(PublishIdentityUpdateRequest.getDefaultInstance()),
        Status.Code.UNKNOWN,
        "IdentityUpdate is required");
    assertRefused(
        () -> publish(first("create_eoa").toBuilder().setInboxId("not hex").build()),
        Status.Code.UNKNOWN,
        "inbox_id");
    assertRefused(
        () -> publish(IdentityUpdate.newBuilder().setInboxId("ab".repeat(32)).build()),
        Status.Code.INVALID_ARGUMENT,
        "XID not yet created");
  }

  @Test
  void confirmsNoContractWallet() {
    var request =
        VerifySmartContractWalletSignaturesRequest.newBuilder()
            .addSignatures(
                VerifySmartContractWalletSignatureRequestSignature.newBuilder()
                    .setAccountId("eip155:1:" + WALLET)
                    .setSignature(ByteString.copyFromUtf8("signature")))
            .addSignatures(VerifySmartContractWalletSignatureRequestSignature.getDefaultInstance())
            .build();

    var responses = node.identity().verifySmartContractWalletSignatures(request).getResponsesList();

    assertThat(responses).hasSize(2).allMatch(each -> !each.getIsValid() && each.hasError());
  }

  private void publish(IdentityUpdate update) {
    node.identity()
        .publishIdentityUpdate(
            PublishIdentityUpdateRequest.newBuilder().setIdentityUpdate(update).build());
  }

  private List<IdentityUpdateLog> log(String inboxId, long sequenceId) {
    return node.identity()
        .getIdentityUpdates(
            GetIdentityUpdatesRequest.newBuilder()
                .addRequests(request(inboxId, sequenceId))
                .build())
        .getResponses(0)
        .getUpdatesList();
  }

  private static GetIdentityUpdatesRequest.Request request(String inboxId, long sequenceId) {
    return GetIdentityUpdatesRequest.Request.newBuilder()
        .setInboxId(inboxId)
        .setSequenceId(sequenceId)
        .build();
  }

  private GetInboxIdsResponse inboxIds(String... addresses) {
    var request = GetInboxIdsRequest.newBuilder();
    for (var address : addresses) {
      request.addRequestsBuilder().setIdentifier(address).setIdentifierKindValue(1);
    }
    return node.identity().getInboxIds(request.build());
  }

  private static IdentityUpdate first(String scenario) throws InvalidProtocolBufferException {
    for (var each : VECTORS.path("scenarios")) {
      if (each.path("name").asText().equals(scenario)) {
        return update(each.path("updates").get(0));
      }
    }
    throw new AssertionError("no scenario " + scenario);
  }

  private static JsonNode longest() {
    return PublishCheckTest.scenarios()
        .map(each -> (JsonNode) each.get()[1])
        .filter(each -> each.path("expected").path("ok").asBoolean())
        .max(Comparator.comparingInt(each -> each.path("updates").size()))
        .orElseThrow();
  }

  static IdentityUpdate update(JsonNode entry) throws InvalidProtocolBufferException {
    return IdentityUpdate.parseFrom(ByteString.fromHex(entry.path("identity_update_hex").asText()));
  }
}
