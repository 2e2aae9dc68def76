package io.postern.bridge;

import io.postern.smtp.ClientCheck;
import io.postern.smtp.SmtpReply;
import java.util.List;
import java.util.Optional;

/**
 * All that a client must pass at RCPT, in this order; what refuses it ends the questions. What
 * writes something down comes last.
 */
final class ClientGates implements ClientCheck {
  private final List<ClientCheck> gates;

  ClientGates(List<ClientCheck> gates) {
    this.gates = List.copyOf(gates);
  }

  @Override
  public Optional<SmtpReply> check(Attempt attempt) {
    for (var gate : gates) {
      var refusal = gate.check(attempt);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }
}
