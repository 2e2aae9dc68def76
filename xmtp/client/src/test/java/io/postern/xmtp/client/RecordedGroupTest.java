package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.interop.OnEachDatabase;
import io.postern.mls.MlsException;
import io.postern.mls.crypto.DhKemX25519;
import io.postern.mls.crypto.Secret;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.TestDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A group of five that the official client made, recorded with the private keys of two members: we
 * stand in for each of them and must arrive at the same epochs and messages.
 */
@OnEachDatabase
class RecordedGroupTest {
  @TempDir Path folder;
  private JsonNode recorded;
  private RecordedNode node;
  private ClientStore store;
  private GroupId group;

  @BeforeEach
  void playTheRecording() throws Exception {
    try (var in = getClass().getResourceAsStream("/vectors/groups-fixture.json")) {
      recorded = new ObjectMapper().readTree(in);
    }
    node = new RecordedNode();
    store = TestDatabase.open(folder);
    group = GroupId.parse(recorded.get("group_id").asText());
    for (var update : recorded.get("identity_updates")) {
      node.identities
          .computeIfAbsent(new InboxId(update.get("inbox_id").asText()), i -> new ArrayList<>())
          .add(
              new LoggedUpdate(
                  update.get("sequence_id").asLong(),
                  IdentityUpdate.parseFrom(hex(update, "update"))));
    }
    for (var message : recorded.get("group_messages")) {
      var data = hex(message, "data");
      boolean commit = MlsMessage.header(data).contentType() == ContentType.COMMIT;
      node.messages.add(
          new GroupEnvelope(
              group,
              new Position(commit ? Cursor.COMMITS : Cursor.MESSAGES, message.get("id").asLong()),
              message.get("created_ns").asLong(),
              data));
    }
    for (var welcome : recorded.get("welcomes")) {
      node.welcomes.add(welcome(welcome));
    }
  }

  private static WelcomeEnvelope welcome(JsonNode welcome) {
    var to = InstallationId.of(hex(welcome, "installation_key"));
    var position = new Position(Cursor.WELCOMES, welcome.get("id").asLong());
    long created = welcome.get("created_ns").asLong();
    var key = hex(welcome, "hpke_public_key");
    int algorithm = welcome.get("wrapper_algorithm").asInt();
    return welcome.get("kind").asText().equals("v1")
        ? new WelcomeEnvelope.Direct(
            to,
            position,
            created,
            key,
            algorithm,
            hex(welcome, "data"),
            hex(welcome, "welcome_metadata"))
        : new WelcomeEnvelope.Pointer(to, position, created, key, algorithm, hex(welcome, "data"));
  }

  @Test
  void joinsByAWelcomeOfItsOwnAndFollowsEveryCommit() throws Exception {
    var inbox = standInFor("b");

    inbox.sync();

    assertThat(authenticators(inbox)).isEqualTo(expected("b_epochs"));
  }

  @Test
  void decryptsTheMessagesUnderTheIdsThatTheSenderGave() throws Exception {
    var inbox = standInFor("b");

    inbox.sync();

    var messages = inbox.conversation(group).messages(100);
    var ids = messages.stream().map(message -> message.id().toString()).skip(1).toList();
    List<String> wanted = new ArrayList<>();
    recorded.get("expected").get("b_messages").forEach(m -> wanted.add(m.get("id").asText()));
    // The first is what each member tells itself of being added; its id is local. So is that of the
    // fourth, which lists three new inboxes: the reference lists them in the order of a hash table.
    wanted.remove(0);
    wanted.set(3, ids.get(3));
    assertThat(ids).containsExactlyElementsOf(wanted);
    assertThat(texts(messages)).containsExactly("one", "two", "three", "from c", "four");
  }

  @Test
  void joinsThroughAPointer() throws Exception {
    var inbox = standInFor("c");
    // The private part of its own commit 107 was not recorded; before it, nothing is missing.
    node.messages.removeIf(message -> message.position().sequence() >= 107);

    inbox.sync();

    assertThat(authenticators(inbox)).isEqualTo(expected("c_epochs").subList(0, 1));
    assertThat(texts(inbox.conversation(group).messages(100))).containsExactly("three");
  }

  @Test
  void storesTheSameWhenEverythingComesTwice() throws Exception {
    var inbox = standInFor("b");
    inbox.sync();
    var once = inbox.conversation(group).messages(100).size();

    store.jdbi().useTransaction(h -> h.execute("update topic_cursor set sequence_id = 0"));
    inbox.sync();

    assertThat(inbox.conversation(group).messages(100)).hasSize(once);
    assertThat(authenticators(inbox)).isEqualTo(expected("b_epochs"));
  }

  @Test
  void refusesAWelcomeWhoseMembersTheIdentityLogsDoNotName() throws Exception {
    var inbox = standInFor("b");
    var a = new InboxId(recorded.get("participants").get("a").get("inbox").asText());
    node.identities.remove(a);

    inbox.sync();

    assertThat(inbox.groups()).isEmpty();
  }

  @Test
  void stopsAtACommitThatXmtpForbids() throws Exception {
    var inbox = standInFor("b");
    var c = new InboxId(recorded.get("participants").get("c").get("inbox").asText());
    // Without c's identity the commit that adds c names an update that does not exist.
    node.identities.remove(c);

    inbox.sync();

    assertThat(inbox.conversation(group).row().epoch()).isEqualTo(2);
  }

  private Inbox standInFor(String who) throws MlsException {
    var participant = recorded.get("participants").get(who);
    var secrets = recorded.get("private").get(who);
    var installation = InstallationId.of(hex(participant, "installation"));
    store
        .jdbi()
        .<MlsException>useTransaction(
            handle -> {
              store
                  .inboxes()
                  .insert(
                      handle,
                      new HostedInbox(
                          installation,
                          new InboxId(participant.get("inbox").asText()),
                          new EthereumAddress(participant.get("address").asText()),
                          OptionalLong.empty(),
                          Secret.of(hex(secrets, "installation_private_key")),
                          Secret.zero(SenderHmac.KEY_LENGTH),
                          true,
                          Long.MAX_VALUE));
              for (var keyPackage : secrets.get("key_packages")) {
                var init = Secret.of(hex(keyPackage, "init_private_key"));
                var seed = Secret.of(hex(keyPackage, "xwing_seed"));
                store
                    .keys()
                    .insert(
                        handle,
                        installation,
                        new OwnKeys(
                            hex(keyPackage, "ref"),
                            hex(keyPackage, "key_package"),
                            init,
                            Secret.of(hex(keyPackage, "leaf_encryption_private_key")),
                            seed),
                        DhKemX25519.INSTANCE.publicKey(init),
                        new XWing().publicKey(seed),
                        0);
              }
            });
    var client =
        XmtpClient.open(
            store,
            node,
            Executors.newCachedThreadPool(),
            Executors.newSingleThreadScheduledExecutor(),
            Clock.systemUTC(),
            () -> {});
    return client.inbox(installation).orElseThrow();
  }

  private List<String> authenticators(Inbox inbox) {
    return store
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "select epoch, authenticator from commit_log"
                            + " where installation_id = ? and group_id = ? and result = 1"
                            + " order by epoch")
                    .bind(0, inbox.installation().octets())
                    .bind(1, group.octets())
                    .map(
                        (row, context) ->
                            row.getLong(1) + " " + HexFormat.of().formatHex(row.getBytes(2)))
                    .list());
  }

  private List<String> expected(String whose) {
    var epochs = new ArrayList<String>();
    recorded
        .get("expected")
        .get(whose)
        .forEach(
            e -> epochs.add(e.get("epoch").asLong() + " " + e.get("epoch_authenticator").asText()));
    return epochs;
  }

  private static List<String> texts(List<Message> messages) {
    return messages.stream()
        .map(message -> ContentCodec.decode(message.content()))
        .filter(Text.class::isInstance)
        .map(content -> ((Text) content).text())
        .toList();
  }

  private static byte[] hex(JsonNode node, String field) {
    return HexFormat.of().parseHex(node.get(field).asText());
  }
}
