package io.postern.xmtp.content;

import com.google.protobuf.ByteString;
import java.util.Objects;
import java.util.Optional;

/**
 * Its sender wants to leave the group; a super admin's client is to remove them with a commit:
 * {@code xmtp.org/leave_request:1.0}. §3.15.
 *
 * @param authenticatedNote unused by today's clients
 */
public record LeaveRequest(Optional<Octets> authenticatedNote) implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("leave_request", 1);

  public LeaveRequest {
    Objects.requireNonNull(authenticatedNote, "authenticatedNote");
  }

  static LeaveRequest read(ContentReader in) throws ContentException {
    var message = in.message(io.postern.xmtp.proto.mls.LeaveRequest.parser(), "LeaveRequest");
    return new LeaveRequest(
        message.hasAuthenticatedNote()
            ? Optional.of(Octets.of(message.getAuthenticatedNote().toByteArray()))
            : Optional.empty());
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public boolean shouldPush() {
    return false;
  }

  @Override
  public void write(ContentWriter out) {
    var message = io.postern.xmtp.proto.mls.LeaveRequest.newBuilder();
    authenticatedNote.ifPresent(
        note -> message.setAuthenticatedNote(ByteString.copyFrom(note.toByteArray())));
    out.content(message.build().toByteArray());
  }
}
