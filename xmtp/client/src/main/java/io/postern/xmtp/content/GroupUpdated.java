package io.postern.xmtp.content;

import io.postern.xmtp.proto.mls.GroupUpdated.Inbox;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a commit changed in its group, {@code xmtp.org/group_updated:1.0}. §3.14.
 *
 * <p>Each client makes it for itself from a commit that it validated. As an application message it
 * is a forgery ({@link #onlyFromCommits}): any member can send one, and it must be ignored.
 *
 * @param initiatedBy the inbox id of the commit's author
 * @param left removed after they had asked for it
 */
public record GroupUpdated(
    String initiatedBy,
    List<String> added,
    List<String> removed,
    List<FieldChange> fieldChanges,
    List<String> left,
    List<String> addedAdmins,
    List<String> removedAdmins,
    List<String> addedSuperAdmins,
    List<String> removedSuperAdmins)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("group_updated", 1);

  /**
   * One changed metadata field, such as {@code group_name}.
   *
   * @param oldValue empty if the field did not exist before
   * @param newValue empty if it does not exist any more
   */
  public record FieldChange(String name, Optional<String> oldValue, Optional<String> newValue) {
    public FieldChange {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(oldValue, "oldValue");
      Objects.requireNonNull(newValue, "newValue");
    }
  }

  public GroupUpdated {
    Objects.requireNonNull(initiatedBy, "initiatedBy");
    added = List.copyOf(added);
    removed = List.copyOf(removed);
    fieldChanges = List.copyOf(fieldChanges);
    left = List.copyOf(left);
    addedAdmins = List.copyOf(addedAdmins);
    removedAdmins = List.copyOf(removedAdmins);
    addedSuperAdmins = List.copyOf(addedSuperAdmins);
    removedSuperAdmins = List.copyOf(removedSuperAdmins);
  }

  static GroupUpdated read(ContentReader in) throws ContentException {
    var message = in.message(io.postern.xmtp.proto.mls.GroupUpdated.parser(), "GroupUpdated");
    return new GroupUpdated(
        message.getInitiatedByInboxId(),
        ids(message.getAddedInboxesList()),
        ids(message.getRemovedInboxesList()),
        message.getMetadataFieldChangesList().stream().map(GroupUpdated::read).toList(),
        ids(message.getLeftInboxesList()),
        ids(message.getAddedAdminInboxesList()),
        ids(message.getRemovedAdminInboxesList()),
        ids(message.getAddedSuperAdminInboxesList()),
        ids(message.getRemovedSuperAdminInboxesList()));
  }

  private static FieldChange read(
      io.postern.xmtp.proto.mls.GroupUpdated.MetadataFieldChange change) {
    return new FieldChange(
        change.getFieldName(),
        change.hasOldValue() ? Optional.of(change.getOldValue()) : Optional.empty(),
        change.hasNewValue() ? Optional.of(change.getNewValue()) : Optional.empty());
  }

  private static List<String> ids(List<Inbox> inboxes) {
    return inboxes.stream().map(Inbox::getInboxId).toList();
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
  public boolean onlyFromCommits() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    var message =
        io.postern.xmtp.proto.mls.GroupUpdated.newBuilder()
            .setInitiatedByInboxId(initiatedBy)
            .addAllAddedInboxes(inboxes(added))
            .addAllRemovedInboxes(inboxes(removed))
            .addAllLeftInboxes(inboxes(left))
            .addAllAddedAdminInboxes(inboxes(addedAdmins))
            .addAllRemovedAdminInboxes(inboxes(removedAdmins))
            .addAllAddedSuperAdminInboxes(inboxes(addedSuperAdmins))
            .addAllRemovedSuperAdminInboxes(inboxes(removedSuperAdmins));
    for (var change : fieldChanges) {
      var field = message.addMetadataFieldChangesBuilder().setFieldName(change.name());
      change.oldValue().ifPresent(field::setOldValue);
      change.newValue().ifPresent(field::setNewValue);
    }
    out.content(message.build().toByteArray());
  }

  private static List<Inbox> inboxes(List<String> ids) {
    return ids.stream().map(id -> Inbox.newBuilder().setInboxId(id).build()).toList();
  }
}
