package io.postern.xmtp.store;

import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Whom an inbox of ours wants to hear from. Private to it; no row means unknown. */
public final class ConsentStore {
  /** The numbers are those of the protocol. */
  public enum State {
    UNKNOWN,
    ALLOWED,
    DENIED
  }

  private static final int CONVERSATION = 1;
  private static final int INBOX = 2;

  public State of(Handle handle, InstallationId installation, GroupId conversation) {
    return find(handle, installation, CONVERSATION, conversation.toString());
  }

  public State of(Handle handle, InstallationId installation, InboxId inbox) {
    return find(handle, installation, INBOX, inbox.toString());
  }

  public void set(
      Handle handle, InstallationId installation, GroupId conversation, State state, long atNs) {
    put(handle, installation, CONVERSATION, conversation.toString(), state, atNs);
  }

  /** Sets a conversation to allowed; cheap where it is so already. */
  public void allow(Handle handle, InstallationId installation, GroupId conversation, long atNs) {
    if (of(handle, installation, conversation) != State.ALLOWED) {
      set(handle, installation, conversation, State.ALLOWED, atNs);
    }
  }

  /** The newest decision about any of these conversations, which are one to the user. */
  public Optional<State> newest(
      Handle handle, InstallationId installation, List<GroupId> conversations) {
    if (conversations.isEmpty()) {
      return Optional.empty();
    }
    var marks = String.join(", ", Collections.nCopies(conversations.size(), "?"));
    var query =
        handle.createQuery(
            "select state from consent where installation_id = ? and entity_type = ?"
                + " and state <> 0 and entity in ("
                + marks
                + ") order by consented_at_ns desc limit 1");
    query.bind(0, installation.octets()).bind(1, CONVERSATION);
    for (int i = 0; i < conversations.size(); i++) {
      query.bind(i + 2, conversations.get(i).toString());
    }
    return query.map((row, context) -> State.values()[row.getInt(1)]).findOne();
  }

  public void set(
      Handle handle, InstallationId installation, InboxId inbox, State state, long atNs) {
    put(handle, installation, INBOX, inbox.toString(), state, atNs);
  }

  private static State find(Handle handle, InstallationId installation, int type, String entity) {
    return handle
        .createQuery(
            "select state from consent"
                + " where installation_id = ? and entity_type = ? and entity = ?")
        .bind(0, installation.octets())
        .bind(1, type)
        .bind(2, entity)
        .mapTo(Integer.class)
        .findOne()
        .map(code -> State.values()[code])
        .orElse(State.UNKNOWN);
  }

  private static void put(
      Handle handle, InstallationId installation, int type, String entity, State state, long atNs) {
    int updated =
        handle
            .createUpdate(
                "update consent set state = ?, consented_at_ns = ?"
                    + " where installation_id = ? and entity_type = ? and entity = ?")
            .bind(0, state.ordinal())
            .bind(1, atNs)
            .bind(2, installation.octets())
            .bind(3, type)
            .bind(4, entity)
            .execute();
    if (updated == 0) {
      handle
          .createUpdate(
              "insert into consent (installation_id, entity_type, entity, state, consented_at_ns)"
                  + " values (?, ?, ?, ?, ?) on conflict do nothing")
          .bind(0, installation.octets())
          .bind(1, type)
          .bind(2, entity)
          .bind(3, state.ordinal())
          .bind(4, atNs)
          .execute();
    }
  }
}
