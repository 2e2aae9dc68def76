package io.postern.bridge;

import java.util.List;
import java.util.Set;

/**
 * What of the database is in a backup. Nothing of a ratchet is: keys of groups and installations,
 * key packages, and what waits to be sent belong to an installation, and a restored one is a new
 * one. What is under way is not either: mails wait in the spool and the outbox, which are young.
 * Another table must be named here, on one side or the other; a test compares.
 */
final class BackupTables {
  /** A table, and what is read of it. */
  record Table(String name, String query) {
    static Table whole(String name) {
      return new Table(name, "select * from " + name);
    }
  }

  /** In the order in which rows can be put in: what is named by others comes before those. */
  static final List<Table> KEPT =
      List.of(
          new Table(
              "lost_inbox",
              "select inbox_id, installation_id, address, wallet_index, trouble from lost_inbox"
                  + " union all"
                  + " select inbox_id, installation_id, address, wallet_index, '' from hosted_inbox"
                  + " where registered and inbox_id not in (select inbox_id from lost_inbox)"),
          Table.whole("identity_update"),
          Table.whole("message"),
          Table.whole("consent"),
          Table.whole("wallet_claim"),
          Table.whole("binding"),
          Table.whole("thread_link"),
          Table.whole("thread_link_message"),
          Table.whole("journey"),
          Table.whole("journey_recipient"),
          Table.whole("journey_name"),
          Table.whole("journey_step"),
          Table.whole("suppression"),
          Table.whole("heard_mailbox"),
          Table.whole("invitation"),
          Table.whole("told_peer"),
          Table.whole("block_token"),
          Table.whole("automatic_reply"),
          Table.whole("reaction_reader"),
          Table.whole("imap_folder"),
          Table.whole("receipt_request"),
          Table.whole("displayed_mail"),
          Table.whole("seen_picture"),
          Table.whole("seen_signature"));

  static final Set<String> LEFT_OUT =
      Set.of(
          // Of an installation, and gone with it.
          "hosted_inbox",
          "mls_group",
          "mls_epoch",
          "mls_ratchet",
          "key_package",
          "topic_cursor",
          "intent",
          "intent_payload",
          "pending_message",
          "pointer_retry",
          "commit_log",
          // The seed has a place of its own in the file; each vault makes its own keys.
          "wallet_seed",
          "vault",
          "vault_key",
          "store_mark",
          // Of the daemon that runs.
          "carrier",
          // Under way.
          "outbox_bundle",
          "outbox_line",
          "translation",
          "asked_mail",
          "spool_mail",
          "spool_part",
          // Their mails lie in files beside the database.
          "kept_mail",
          "kept_mail_message",
          // Soon learnt again, or over.
          "greylist",
          "quota_use",
          "quota_item",
          "reject",
          "reject_name",
          "thread_pace");

  private BackupTables() {}
}
