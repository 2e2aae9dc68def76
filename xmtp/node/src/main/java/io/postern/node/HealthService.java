package io.postern.node;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.postern.xmtp.proto.health.HealthCheckRequest;
import io.postern.xmtp.proto.health.HealthCheckResponse;
import io.postern.xmtp.proto.health.HealthCheckResponse.ServingStatus;
import io.postern.xmtp.proto.health.HealthGrpc;
import java.util.Set;

/**
 * {@code grpc.health.v1.Health}: the node and each of its services serve as long as they answer.
 */
final class HealthService extends HealthGrpc.HealthImplBase {
  private final Set<String> services;

  /**
   * @param services full names of the services that this node has
   */
  HealthService(Set<String> services) {
    this.services = Set.copyOf(services);
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> reply) {
    if (!request.getService().isEmpty() && !services.contains(request.getService())) {
      reply.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
      return;
    }
    reply.onNext(HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build());
    reply.onCompleted();
  }
}
