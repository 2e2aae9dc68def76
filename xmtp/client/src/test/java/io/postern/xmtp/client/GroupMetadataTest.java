package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.DmMembers;
import io.postern.xmtp.proto.mls.GroupMetadataV1;
import io.postern.xmtp.proto.mls.GroupMutableMetadataV1;
import io.postern.xmtp.proto.mls.Inboxes;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a group says of itself, groups document 2.1 and 2.2. */
class GroupMetadataTest {
  private static final InboxId FOUNDER = new InboxId("ab".repeat(32));
  private static final InboxId OTHER = new InboxId("cd".repeat(32));

  private static GroupMetadataV1.Builder fixed() {
    return GroupMetadataV1.newBuilder()
        .setConversationType(ConversationType.CONVERSATION_TYPE_GROUP)
        .setCreatorInboxId(FOUNDER.toString());
  }

  private static GroupMutableMetadataV1.Builder changing() {
    return GroupMutableMetadataV1.newBuilder()
        .setAdminList(Inboxes.newBuilder().addInboxIds(OTHER.toString()))
        .setSuperAdminList(Inboxes.newBuilder().addInboxIds(FOUNDER.toString()));
  }

  private static byte[] wrapped(GroupMetadataV1.Builder fixed) {
    return new TlsWriter().opaque(fixed.build().toByteArray()).toOctets();
  }

  private static GroupMetadata read(
      GroupMetadataV1.Builder fixed, GroupMutableMetadataV1.Builder changing)
      throws GroupException {
    return GroupMetadata.read(wrapped(fixed), changing.build().toByteArray());
  }

  private static void refuses(
      GroupMetadataV1.Builder fixed, GroupMutableMetadataV1.Builder changing) {
    assertThatThrownBy(() -> read(fixed, changing)).isInstanceOf(GroupException.class);
  }

  @Test
  void tellsWhoIsWho() throws GroupException {
    var metadata = read(fixed(), changing());

    assertThat(metadata.isCreator(FOUNDER)).isTrue();
    assertThat(metadata.isCreator(OTHER)).isFalse();
    assertThat(metadata.isAdmin(OTHER)).isTrue();
    assertThat(metadata.isAdmin(FOUNDER)).isFalse();
    assertThat(metadata.isSuperAdmin(FOUNDER)).isTrue();
    assertThat(metadata.isSuperAdmin(OTHER)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 9, -1})
  void refusesAKindThatItDoesNotKnow(int kind) {
    refuses(fixed().setConversationTypeValue(kind), changing());
  }

  @Test
  void refusesMetadataWithoutAListOfAdmins() throws GroupException {
    refuses(fixed(), changing().clearAdminList());
    refuses(fixed(), changing().clearSuperAdminList());
    assertThat(
            read(
                    fixed(),
                    changing()
                        .setAdminList(Inboxes.getDefaultInstance())
                        .setSuperAdminList(Inboxes.getDefaultInstance()))
                .superAdmins())
        .as("an empty list is a list")
        .isEmpty();
  }

  /** Others compare texts; who refuses such a name stays behind when it is written. */
  @Test
  void whatIsNoInboxIdIsNobody() throws GroupException {
    var odd = Inboxes.newBuilder().addInboxIds("").addInboxIds(FOUNDER.toString().toUpperCase());

    var metadata =
        read(
            fixed().setCreatorInboxId("the founder"),
            changing().setAdminList(odd).setSuperAdminList(odd.addInboxIds(OTHER.toString())));

    assertThat(metadata.isCreator(FOUNDER)).isFalse();
    assertThat(metadata.isAdmin(FOUNDER)).isFalse();
    assertThat(metadata.isSuperAdmin(FOUNDER)).isFalse();
    assertThat(metadata.isSuperAdmin(OTHER)).isTrue();
  }

  @Test
  void theTwoOfADmAreInboxes() {
    refuses(fixed().setDmMembers(DmMembers.getDefaultInstance()), changing());
  }

  @Test
  void theImmutablePartIsAVectorAndNothingAfterIt() {
    var octets = wrapped(fixed());
    var changing = changing().build().toByteArray();

    for (int length = 0; length < octets.length; length++) {
      var cut = Arrays.copyOf(octets, length);
      assertThatThrownBy(() -> GroupMetadata.read(cut, changing))
          .isInstanceOf(GroupException.class);
    }
    var longer = Arrays.copyOf(octets, octets.length + 1);
    assertThatThrownBy(() -> GroupMetadata.read(longer, changing))
        .isInstanceOf(GroupException.class);
  }

  @Test
  void readsTheDmThatWeMake() throws GroupException {
    var metadata =
        GroupMetadata.read(
            GroupMetadata.immutableDm(FOUNDER, OTHER), GroupMetadata.mutableDm(new SecureRandom()));

    assertThat(metadata.dmMembers().orElseThrow().is(OTHER, FOUNDER)).isTrue();
    assertThat(metadata.minimumVersion()).isEmpty();
    assertThat(metadata.superAdmins()).isEmpty();
  }
}
