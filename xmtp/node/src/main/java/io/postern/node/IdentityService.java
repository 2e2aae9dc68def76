package io.postern.node;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesRequest;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesResponse;
import io.postern.xmtp.proto.identity.api.GetInboxIdsRequest;
import io.postern.xmtp.proto.identity.api.GetInboxIdsResponse;
import io.postern.xmtp.proto.identity.api.IdentityApiGrpc;
import io.postern.xmtp.proto.identity.api.PublishIdentityUpdateRequest;
import io.postern.xmtp.proto.identity.api.PublishIdentityUpdateResponse;
import io.postern.xmtp.proto.identity.api.VerifySmartContractWalletSignaturesRequest;
import io.postern.xmtp.proto.identity.api.VerifySmartContractWalletSignaturesResponse;
import io.postern.xmtp.proto.identity.api.VerifySmartContractWalletSignaturesResponse.ValidationResponse;
import java.util.concurrent.Executor;

/** {@code xmtp.identity.api.v1.IdentityApi}: the gRPC face of the {@link InboxLog}. */
final class IdentityService extends IdentityApiGrpc.IdentityApiImplBase {
  /** Official clients ask for 50 logs at once. */
  private static final int MAX_LOGS = 1_000;

  /** Look-ups of one request at most. */
  private static final int MAX_LOOK_UPS = 10_000;

  private final InboxLog inboxes;
  private final Executor publishing;

  /**
   * @param publishing verifies updates, which takes long, and waits until they are stored
   */
  IdentityService(InboxLog inboxes, Executor publishing) {
    this.inboxes = inboxes;
    this.publishing = publishing;
  }

  @Override
  public void publishIdentityUpdate(
      PublishIdentityUpdateRequest request, StreamObserver<PublishIdentityUpdateResponse> reply) {
    Answer.on(
        publishing,
        reply,
        () -> {
          if (!request.hasIdentityUpdate()) {
            throw new RefusedException(Status.Code.UNKNOWN, "IdentityUpdate is required");
          }
          inboxes.publish(request.getIdentityUpdate());
          return PublishIdentityUpdateResponse.getDefaultInstance();
        });
  }

  @Override
  public void getIdentityUpdates(
      GetIdentityUpdatesRequest request, StreamObserver<GetIdentityUpdatesResponse> reply) {
    Answer.to(
        reply,
        () -> {
          Answer.checkCount("inboxes", request.getRequestsCount(), MAX_LOGS);
          var response = GetIdentityUpdatesResponse.newBuilder();
          var size = new AnswerSize();
          for (var wanted : request.getRequestsList()) {
            var updates =
                inboxes.updatesAfter(wanted.getInboxId(), LogEntry.cursor(wanted.getSequenceId()));
            for (var update : updates) {
              size.add(update);
            }
            response.addResponsesBuilder().setInboxId(wanted.getInboxId()).addAllUpdates(updates);
          }
          return response.build();
        });
  }

  @Override
  public void getInboxIds(GetInboxIdsRequest request, StreamObserver<GetInboxIdsResponse> reply) {
    Answer.to(
        reply,
        () -> {
          Answer.checkCount("identifiers", request.getRequestsCount(), MAX_LOOK_UPS);
          var found =
              inboxes.inboxIds(
                  request.getRequestsList().stream()
                      .map(GetInboxIdsRequest.Request::getIdentifier)
                      .toList());
          var response = GetInboxIdsResponse.newBuilder();
          for (var wanted : request.getRequestsList()) {
            var entry = response.addResponsesBuilder().setIdentifier(wanted.getIdentifier());
            if (found.containsKey(wanted.getIdentifier())) {
              entry.setInboxId(found.get(wanted.getIdentifier()));
            }
          }
          return response.build();
        });
  }

  /** This node knows no chain, so it can confirm no contract wallet. */
  @Override
  public void verifySmartContractWalletSignatures(
      VerifySmartContractWalletSignaturesRequest request,
      StreamObserver<VerifySmartContractWalletSignaturesResponse> reply) {
    Answer.to(
        reply,
        () -> {
          Answer.checkCount("signatures", request.getSignaturesCount(), MAX_LOOK_UPS);
          var response = VerifySmartContractWalletSignaturesResponse.newBuilder();
          request
              .getSignaturesList()
              .forEach(
                  signature ->
                      response.addResponses(
                          ValidationResponse.newBuilder()
                              .setIsValid(false)
                              .setError("this node has no access to a chain")));
          return response.build();
        });
  }
}
