package io.postern.xmtp.appdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.ComponentPermissions;
import io.postern.xmtp.proto.mls.ComponentType;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dictionary of a group, its values and what changes them. Groups document 11.3, 11.4. */
class DictionaryTest {
  private static final InboxId TWO = new InboxId("22".repeat(32));
  private static final InboxId THREE = new InboxId("33".repeat(32));
  private static final int UNKNOWN = 0xC123;
  private static final int UNKNOWN_IMMUTABLE = 0xFD01;

  private static final int ALLOW = 1;
  private static final int DENY = 2;
  private static final int ADMIN = 3;
  private static final int SUPER_ADMIN = 4;

  private static final Role MEMBER = new Role(false, false);
  private static final Role AN_ADMIN = new Role(true, false);
  private static final Role A_SUPER_ADMIN = new Role(false, true);

  private static byte[] hex(String octets) {
    return HexFormat.of().parseHex(octets.replace(" ", ""));
  }

  private static MetadataPolicy policy(int base) {
    return MetadataPolicy.newBuilder().setBaseValue(base).build();
  }

  private static ComponentMetadata.Builder entry(int type, int insert, int update, int delete) {
    return ComponentMetadata.newBuilder()
        .setComponentTypeValue(type)
        .setPermissions(
            ComponentPermissions.newBuilder()
                .setInsertPolicy(policy(insert))
                .setUpdatePolicy(policy(update))
                .setDeletePolicy(policy(delete)));
  }

  private static Dictionary with(int id, byte[] update) throws AppDataException {
    return Dictionary.EMPTY.apply(List.of(TestUpdate.of(id, update)));
  }

  /** A dictionary whose registry speaks of one component. */
  private static Dictionary registering(int id, ComponentMetadata.Builder entry)
      throws AppDataException {
    return with(
        Component.REGISTRY, new TestDelta().insert(id, entry.build().toByteArray()).toOctets());
  }

  private static void refuses(String why, Dictionary dictionary, ComponentUpdate update) {
    assertThatThrownBy(() -> dictionary.apply(List.of(update)))
        .isInstanceOf(AppDataException.class)
        .hasMessageContaining(why);
  }

  private static byte[] text(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sha256(byte[] octets) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(octets);
  }

  @Nested
  class Vectors {
    @Test
    void aSuperAdminComesIn() throws Exception {
      var delta = new Delta().insert(THREE).toOctets();
      assertThat(delta).isEqualTo(hex("22 00 00" + "33".repeat(32)));

      var dictionary = with(Component.SUPER_ADMINS, delta);

      assertThat(dictionary.find(Component.SUPER_ADMINS)).contains(hex("21 00" + "33".repeat(32)));
      assertThat(dictionary.inboxes(Component.SUPER_ADMINS)).containsExactly(THREE);
    }

    @Test
    void bothMembersOfADmComeIn() throws Exception {
      var delta = new Delta().insert(TWO).insert(THREE).toOctets();

      assertThat(delta).isEqualTo(hex("4044 00 00" + "22".repeat(32) + "00 00" + "33".repeat(32)));
      assertThat(with(Component.DM_MEMBERS, delta).inboxes(Component.DM_MEMBERS))
          .containsExactly(TWO, THREE);
    }

    @Test
    void aLifetimeIsEightOctets() throws Exception {
      var value = hex("000000003b9aca00");

      assertThat(with(Component.DISAPPEAR_IN, value).find(Component.DISAPPEAR_IN)).contains(value);
      assertThat(new TlsWriter().uint64(1_000_000_000).toOctets()).isEqualTo(value);
    }

    @Test
    void aConversationTypeIsFourOctets() throws Exception {
      var value = hex("00000001");

      assertThat(with(Component.CONVERSATION_TYPE, value).find(Component.CONVERSATION_TYPE))
          .contains(value);
    }

    @Test
    void nothingIsOneOctet() throws Exception {
      assertThat(new Delta().toOctets()).isEqualTo(hex("00"));
      assertThat(with(Component.ADMINS, hex("00")).find(Component.ADMINS)).contains(hex("00"));
    }

    @Test
    void theNumberOfAComponentIsAVarintAsAKey() throws Exception {
      assertThat(Delta.inserted(hex("06 00 8000c000 00"))).containsOnlyKeys(0xC000);
    }

    @Test
    void anInboxIsAVersionAndItsOctets() throws Exception {
      var value = hex("00" + "22".repeat(32));

      assertThat(with(Component.CREATOR, value).inbox(Component.CREATOR)).contains(TWO);
      assertThat(Dictionary.ofInbox(TWO)).isEqualTo(value);
    }
  }

  @Nested
  class OnTheWire {
    private final byte[] octets = hex("0d 8004 03 616263 8009 00 c000 01 ff");

    @Test
    void isReadAndWrittenTheSame() throws Exception {
      var dictionary = Dictionary.read(octets);

      assertThat(dictionary.toOctets()).isEqualTo(octets);
      assertThat(dictionary.text(Component.NAME)).contains("abc");
      assertThat(dictionary.find(0xC000)).contains(hex("ff"));
      assertThat(dictionary.find(0xC001)).isEmpty();
      assertThat(Dictionary.read(hex("00"))).isEqualTo(Dictionary.EMPTY);
    }

    @Test
    void isRefusedWhereverItEnds() {
      for (int length = 0; length < octets.length; length++) {
        var cut = Arrays.copyOf(octets, length);
        assertThatThrownBy(() -> Dictionary.read(cut)).isInstanceOf(AppDataException.class);
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "0d 8004 03 616263 8009 00 c000 01 ff 00", // more after the end
          "06 8004 00 8004 00", // twice
          "06 8009 00 8004 00", // falling
          "80000006 8004 00 8005 00", // a length that is not in its shortest form
          "bfffffff 8004 00", // a huge length
          "07 8004 bfffffff 00", // a huge value
        })
    void isRefused(String malformed) {
      assertThatThrownBy(() -> Dictionary.read(hex(malformed)))
          .isInstanceOf(AppDataException.class);
    }

    @Test
    void isRefusedWhereItWouldFillTheMemory() {
      assertThatThrownBy(() -> Dictionary.read(new byte[Dictionary.MAX_OCTETS + 1]))
          .isInstanceOf(AppDataException.class)
          .hasMessageContaining("octets");
    }

    /** Else a group would come to octets that it cannot read itself. */
    @Test
    void isRefusedWhereItCouldNotBeReadAgain() throws Exception {
      int beside = 4 + 2 + 4; // Length of all, number and length of the one.
      var most = new byte[Dictionary.MAX_OCTETS - beside];
      var tooMuch = new byte[most.length + 1];

      var octets = with(Component.APP_DATA, most).toOctets();

      assertThat(octets).hasSize(Dictionary.MAX_OCTETS);
      assertThat(Dictionary.read(octets).find(Component.APP_DATA)).contains(most);
      refuses("octets", Dictionary.EMPTY, TestUpdate.of(Component.APP_DATA, tooMuch));
    }

    /** So many proposals of others may be named in one commit. */
    @Test
    void takesManyUpdatesAtOnce() throws Exception {
      var updates = Collections.nCopies(20_000, TestUpdate.of(Component.NAME, text("the same")));

      assertThat(Dictionary.EMPTY.apply(updates).text(Component.NAME)).contains("the same");
    }
  }

  @Nested
  class SetsAndMaps {
    private final byte[] both = hex("4042 00" + "22".repeat(32) + "00" + "33".repeat(32));

    @Test
    void areRefusedWhereTheirKeysDoNotRise() throws Exception {
      for (var wrong :
          List.of(
              "4042 00" + "33".repeat(32) + "00" + "22".repeat(32),
              "4042 00" + "22".repeat(32) + "00" + "22".repeat(32))) {
        var dictionary =
            Dictionary.read(
                new TlsWriter()
                    .vector(out -> out.uint16(Component.ADMINS).opaque(hex(wrong)))
                    .toOctets());

        assertThatThrownBy(() -> dictionary.inboxes(Component.ADMINS))
            .hasMessageContaining("not above");
        refuses("not above", dictionary, TestUpdate.of(Component.ADMINS, new Delta().toOctets()));
      }
    }

    @Test
    void areRefusedWhereverTheyEnd() throws Exception {
      for (int length = 0; length < both.length; length++) {
        var cut = Arrays.copyOf(both, length);
        assertThatThrownBy(() -> Elements.read(Elements.Form.INBOX_SET, cut))
            .isInstanceOf(AppDataException.class);
      }
      assertThat(Elements.read(Elements.Form.INBOX_SET, both).toOctets()).isEqualTo(both);
    }

    @Test
    void changeOnlyByWholeDeltas() throws Exception {
      var delta =
          new Delta().insert(TWO, hex("01")).update(THREE, hex("0203")).delete(THREE).toOctets();
      var prior = with(Component.MEMBERSHIP, new Delta().insert(THREE, hex("01")).toOctets());

      for (int length = 0; length < delta.length; length++) {
        var cut = TestUpdate.of(Component.MEMBERSHIP, Arrays.copyOf(delta, length));
        assertThatThrownBy(() -> prior.apply(List.of(cut))).isInstanceOf(AppDataException.class);
      }
      var after = prior.apply(List.of(TestUpdate.of(Component.MEMBERSHIP, delta)));
      assertThat(after.byInbox(Component.MEMBERSHIP).orElseThrow()).containsOnlyKeys(TWO);
      assertThat(prior.byInbox(Component.MEMBERSHIP).orElseThrow()).containsOnlyKeys(THREE);
    }

    @Test
    void refuseAnUnknownMutation() {
      refuses(
          "expected 0 to 2",
          Dictionary.EMPTY,
          TestUpdate.of(Component.ADMINS, hex("22 03 00" + "33".repeat(32))));
      refuses(
          "expected 0 to 2",
          Dictionary.EMPTY,
          TestUpdate.of(Component.MEMBERSHIP, hex("22 03 00" + "33".repeat(32))));
    }

    @Test
    void refuseAnotherVersionOfAnInboxId() {
      refuses(
          "version",
          Dictionary.EMPTY,
          TestUpdate.of(Component.ADMINS, hex("22 00 01" + "33".repeat(32))));
    }

    @Test
    void takeInAndLoseElements() throws Exception {
      var twoAndThree = with(Component.ADMINS, new Delta().insert(THREE).insert(TWO).toOctets());
      assertThat(twoAndThree.find(Component.ADMINS)).contains(both);

      var three =
          twoAndThree.apply(
              List.of(TestUpdate.of(Component.ADMINS, new TestDelta().remove(TWO).toOctets())));

      assertThat(three.inboxes(Component.ADMINS)).containsExactly(THREE);
    }

    @Test
    void refuseWhatIsThereOrIsNot() throws Exception {
      var prior = with(Component.ADMINS, new Delta().insert(TWO).toOctets());
      refuses(
          "a key that is there",
          prior,
          TestUpdate.of(Component.ADMINS, new Delta().insert(TWO).toOctets()));
      refuses(
          "a key that is not there",
          prior,
          TestUpdate.of(Component.ADMINS, new TestDelta().remove(THREE).toOctets()));
      refuses(
          "a key that is not there",
          prior,
          TestUpdate.of(Component.MEMBERSHIP, new Delta().delete(THREE).toOctets()));
      refuses(
          "a key that is not there",
          prior,
          TestUpdate.of(Component.MEMBERSHIP, new Delta().update(THREE, hex("")).toOctets()));
    }

    @Test
    void loseElementsByTheirHash() throws Exception {
      var prior = with(Component.ADMINS, new Delta().insert(TWO).insert(THREE).toOctets());
      var hash = HexFormat.of().formatHex(sha256(hex("00" + "22".repeat(32))));

      var after = prior.apply(List.of(TestUpdate.of(Component.ADMINS, hex("21 02" + hash))));

      assertThat(after.inboxes(Component.ADMINS)).containsExactly(THREE);
      refuses(
          "the hash of a key that is not there",
          after,
          TestUpdate.of(Component.ADMINS, hex("21 02" + hash)));
    }

    @Test
    void goOnFromWhatEarlierOnesOfTheSameCommitHaveLeft() throws Exception {
      var two = TestUpdate.of(Component.ADMINS, new Delta().insert(TWO).toOctets());
      var three = TestUpdate.of(Component.ADMINS, new Delta().insert(THREE).toOctets());
      var hash = HexFormat.of().formatHex(sha256(hex("00" + "22".repeat(32))));
      var twoByHash = TestUpdate.of(Component.ADMINS, hex("21 02" + hash));

      var after =
          Dictionary.EMPTY.apply(
              List.of(two, twoByHash, three, two, twoByHash, two, twoByHash, two));

      assertThat(after.inboxes(Component.ADMINS)).containsExactly(TWO, THREE);
      var gone = List.of(two, twoByHash, twoByHash);
      assertThatThrownBy(() -> Dictionary.EMPTY.apply(gone))
          .isInstanceOf(AppDataException.class)
          .hasMessageContaining("the hash of a key that is not there");
      var anew = List.of(two, TestUpdate.remove(Component.ADMINS), three);
      assertThat(Dictionary.EMPTY.apply(anew).inboxes(Component.ADMINS)).containsExactly(THREE);
    }

    /** The hash is looked for among the elements before the delta. */
    @Test
    void doNotFindTheHashOfWhatTheSameDeltaBrings() throws Exception {
      var hash = HexFormat.of().formatHex(sha256(hex("00" + "22".repeat(32))));
      refuses(
          "the hash of a key that is not there",
          Dictionary.EMPTY,
          TestUpdate.of(Component.ADMINS, hex("4043 00 00" + "22".repeat(32) + "02" + hash)));
    }

    /** As libxmtp reads them: to refuse what it takes would part us from all others. */
    @ParameterizedTest
    @ValueSource(strings = {"01", "21", "22"})
    void mayEndBeyondTheirLengthWithTheirLastElement(String length) throws Exception {
      var delta = hex(length + "00 00" + "33".repeat(32));
      var value = hex((length.equals("22") ? "21" : length) + "00" + "33".repeat(32));

      assertThat(with(Component.ADMINS, delta).find(Component.ADMINS))
          .as("what is kept has its length")
          .contains(hex("21 00" + "33".repeat(32)));
      assertThat(Elements.read(Elements.Form.INBOX_SET, value).entries()).hasSize(1);
    }

    @Test
    void doNotEndBeforeTheirLength() {
      refuses(
          "mutation",
          Dictionary.EMPTY,
          TestUpdate.of(Component.ADMINS, hex("23 00 00" + "33".repeat(32))));
      refuses("octets too many", Dictionary.EMPTY, TestUpdate.of(Component.ADMINS, hex("00 00")));
      refuses("needs", Dictionary.EMPTY, TestUpdate.of(Component.ADMINS, hex("3f")));
    }

    @Test
    void ofOctetsAreInTheOrderOfTheOctetsNotOfTheirLengths() throws Exception {
      var prior = registering(UNKNOWN, entry(5, ALLOW, ALLOW, ALLOW));

      var after = prior.apply(List.of(TestUpdate.of(UNKNOWN, hex("07 00 01 62 00 02 6161"))));

      assertThat(after.find(UNKNOWN)).contains(hex("05 02 6161 01 62"));
    }
  }

  @Nested
  class Values {
    @ParameterizedTest
    @CsvSource({"8004", "8005", "8006", "8009", "800A"})
    void thatAreTextsAreUtf8(String id) throws Exception {
      int component = Integer.parseInt(id, 16);
      assertThat(with(component, text("Grüße")).text(component)).contains("Grüße");
      refuses("no UTF-8", Dictionary.EMPTY, TestUpdate.of(component, hex("ff")));
    }

    @ParameterizedTest
    @CsvSource({"8007, 8", "8008, 8", "800B, 32"})
    void thatAreFixedHaveTheirLength(String id, int length) throws Exception {
      int component = Integer.parseInt(id, 16);
      assertThat(with(component, new byte[length]).find(component)).contains(new byte[length]);
      for (int wrong : List.of(0, length - 1, length + 1)) {
        refuses(
            "octets where there must be",
            Dictionary.EMPTY,
            TestUpdate.of(component, new byte[wrong]));
      }
    }

    @Test
    void thatAreImmutableAreWrittenOnce() throws Exception {
      var prior = with(Component.CREATOR, hex("00" + "22".repeat(32)));
      refuses("immutable", prior, TestUpdate.of(Component.CREATOR, hex("00" + "33".repeat(32))));
    }

    @Test
    void followOneAnotherInOneCommit() throws Exception {
      var after =
          Dictionary.EMPTY.apply(
              List.of(
                  TestUpdate.of(Component.ADMINS, new Delta().insert(TWO).toOctets()),
                  TestUpdate.of(Component.NAME, text("first")),
                  TestUpdate.of(Component.ADMINS, new Delta().insert(THREE).toOctets()),
                  TestUpdate.of(Component.NAME, text("second"))));

      assertThat(after.inboxes(Component.ADMINS)).containsExactly(TWO, THREE);
      assertThat(after.text(Component.NAME)).contains("second");
    }

    @Test
    void areRefusedWhereTheyWouldFillTheMemory() {
      refuses(
          "octets",
          Dictionary.EMPTY,
          TestUpdate.of(Component.NAME, new byte[Dictionary.MAX_OCTETS + 1]));
      var half = new byte[Dictionary.MAX_OCTETS / 2];
      assertThatThrownBy(
              () ->
                  Dictionary.EMPTY.apply(
                      List.of(
                          TestUpdate.of(Component.NAME, half),
                          TestUpdate.of(Component.APP_DATA, half))))
          .isInstanceOf(AppDataException.class)
          .hasMessageContaining("octets");
    }

    @Test
    void thatAreNotThereMayBeRemoved() throws Exception {
      var after = Dictionary.EMPTY.apply(List.of(TestUpdate.remove(Component.NAME)));

      assertThat(after).isEqualTo(Dictionary.EMPTY);
    }
  }

  @Nested
  class UnknownComponents {
    @ParameterizedTest
    @CsvSource({
      "1, ff, ff",
      "2, 6162, 6162",
      "3, 05 00 01 62 01 63, 04 01 62 01 63",
      "5, 03 00 01 62, 02 01 62"
    })
    void areChangedByTheTypeThatTheRegistryTells(int type, String update, String value)
        throws Exception {
      var prior = registering(UNKNOWN, entry(type, ALLOW, ALLOW, ALLOW));

      var after = prior.apply(List.of(TestUpdate.of(UNKNOWN, hex(update))));

      assertThat(after.find(UNKNOWN)).contains(hex(value));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void mayBeSetsAndMapsOfInboxes(int type) throws Exception {
      var prior = registering(UNKNOWN, entry(type, ALLOW, ALLOW, ALLOW));
      var delta = type == 4 ? new Delta().insert(TWO, hex("01")) : new Delta().insert(TWO);

      var after = prior.apply(List.of(TestUpdate.of(UNKNOWN, delta.toOctets())));

      assertThat(after.find(UNKNOWN)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 99})
    void ofNoTypeAreRefused(int type) throws Exception {
      refuses(
          "the type of",
          registering(UNKNOWN, entry(type, ALLOW, ALLOW, ALLOW)),
          TestUpdate.of(UNKNOWN, hex("00")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x7FFF, 0x800C, 0xC000, 0xFEFF, 0xFF00, 0xFFFF})
    void ofWhichTheRegistryDoesNotSpeakAreRefused(int id) {
      refuses("the registry has no", Dictionary.EMPTY, TestUpdate.of(id, hex("00")));
    }

    /** What one commit registers, the next may write. */
    @Test
    void areNotRegisteredAndWrittenInOneCommit() throws Exception {
      var register =
          TestUpdate.of(
              Component.REGISTRY,
              new TestDelta()
                  .insert(UNKNOWN, entry(1, ALLOW, ALLOW, ALLOW).build().toByteArray())
                  .toOctets());
      var write = TestUpdate.of(UNKNOWN, hex("00"));

      assertThatThrownBy(() -> Dictionary.EMPTY.apply(List.of(register, write)))
          .isInstanceOf(AppDataException.class);
      var registered = Dictionary.EMPTY.apply(List.of(register));
      assertThat(registered.apply(List.of(write)).find(UNKNOWN)).isPresent();
    }
  }

  @Nested
  class TheRegistry {
    @ParameterizedTest
    @ValueSource(ints = {0x7FFF, 0x8000, 0x8001, 0xFF00})
    void doesNotSpeakOfSomeNumbers(int id) {
      assertThatThrownBy(() -> registering(id, entry(1, ALLOW, ALLOW, ALLOW)))
          .hasMessageContaining("does not speak of");
    }

    @Test
    void takesOnlyNumbersOfSixteenBits() {
      refuses(
          "more than 16 bits",
          Dictionary.EMPTY,
          TestUpdate.of(Component.REGISTRY, hex("06 00 80010000 00")));
    }

    @Test
    void takesNoEntryWithoutAllPolicies() {
      var whole = entry(1, ALLOW, ALLOW, ALLOW);
      for (var lacking :
          List.of(
              whole.clone().clearPermissions(),
              without(whole, 1),
              without(whole, 2),
              without(whole, 3))) {
        assertThatThrownBy(() -> registering(UNKNOWN, lacking)).hasMessageContaining("lacks");
      }
    }

    private ComponentMetadata.Builder without(ComponentMetadata.Builder whole, int policy) {
      var lacking = whole.clone();
      var permissions = lacking.getPermissionsBuilder();
      switch (policy) {
        case 1 -> permissions.clearInsertPolicy();
        case 2 -> permissions.clearUpdatePolicy();
        default -> permissions.clearDeletePolicy();
      }
      return lacking;
    }

    @Test
    void takesNoEntryThatCannotBeRead() {
      refuses(
          "the registry's entry",
          Dictionary.EMPTY,
          TestUpdate.of(Component.REGISTRY, new TestDelta().insert(UNKNOWN, hex("0a")).toOctets()));
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 3", "3, 1, 3", "3, 3, 2", "3, 3, 0"})
    void letsOnlyAdminsAppointAdmins(int insert, int update, int delete) throws Exception {
      assertThatThrownBy(() -> registering(Component.ADMINS, entry(6, insert, update, delete)))
          .hasMessageContaining("appoint admins");
      assertThat(registering(Component.ADMINS, entry(6, ADMIN, SUPER_ADMIN, ADMIN)).registry())
          .isNotNull();
    }

    @Test
    void takesNoConditionForTheAppointmentOfAdmins() {
      var conditional = entry(6, ADMIN, ADMIN, ADMIN);
      conditional
          .getPermissionsBuilder()
          .setInsertPolicy(
              MetadataPolicy.newBuilder()
                  .setAnyCondition(
                      MetadataPolicy.AnyCondition.newBuilder().addPolicies(policy(ADMIN))));

      assertThatThrownBy(() -> registering(Component.ADMINS, conditional))
          .hasMessageContaining("appoint admins");
    }

    @Test
    void keepsTheEntriesOfWhatIsImmutable() throws Exception {
      var prior = registering(UNKNOWN_IMMUTABLE, entry(1, ALLOW, ALLOW, ALLOW));
      var other = entry(2, ALLOW, ALLOW, ALLOW).build().toByteArray();

      refuses(
          "is immutable",
          prior,
          TestUpdate.of(
              Component.REGISTRY, new TestDelta().update(UNKNOWN_IMMUTABLE, other).toOctets()));
      refuses(
          "is immutable",
          prior,
          TestUpdate.of(Component.REGISTRY, new TestDelta().delete(UNKNOWN_IMMUTABLE).toOctets()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7FFF, 0x8000, 0x8001, 0xFF00})
    void losesNoEntryOfWhichItDoesNotSpeak(int id) throws Exception {
      refuses(
          "does not speak of",
          registering(UNKNOWN, entry(1, ALLOW, ALLOW, ALLOW)),
          TestUpdate.of(Component.REGISTRY, new TestDelta().delete(id).toOctets()));
    }

    @Test
    void isNeverRemoved() throws Exception {
      refuses(
          "cannot be removed",
          registering(UNKNOWN, entry(1, ALLOW, ALLOW, ALLOW)),
          TestUpdate.remove(Component.REGISTRY));
    }

    /** Written by a later version: kept, and as if it were not there. */
    @Test
    void keepsEntriesThatItDoesNotRecognise() throws Exception {
      var entries = Elements.none(Elements.Form.REGISTRY);
      entries.apply(new TestDelta().insert(UNKNOWN, hex("0a")).insert(0xFF01, hex("")).toOctets());
      var raw = entries.toOctets();
      var dictionary =
          Dictionary.read(
              new TlsWriter().vector(out -> out.uint16(Component.REGISTRY).opaque(raw)).toOctets());

      assertThat(dictionary.registry().find(UNKNOWN)).isEmpty();
      var after =
          dictionary.apply(
              List.of(
                  TestUpdate.of(
                      Component.REGISTRY,
                      new TestDelta()
                          .insert(0xC000, entry(1, ALLOW, ALLOW, ALLOW).build().toByteArray())
                          .toOctets())));
      assertThat(Elements.read(Elements.Form.REGISTRY, after.find(0x8000).orElseThrow()).entries())
          .hasSize(3);
    }

    @Test
    void tellsTheType() throws Exception {
      assertThat(registering(UNKNOWN, entry(5, ALLOW, ALLOW, ALLOW)).registry().find(UNKNOWN))
          .map(ComponentMetadata::getComponentType)
          .contains(ComponentType.COMPONENT_TYPE_TLS_SET_BYTES);
    }
  }

  @Nested
  class WhoMay {
    private void may(Role role, Dictionary dictionary, ComponentUpdate update)
        throws AppDataException {
      dictionary.registry().check(update, role);
    }

    private void mayNot(String why, Role role, Dictionary dictionary, ComponentUpdate update) {
      assertThatThrownBy(() -> dictionary.registry().check(update, role))
          .isInstanceOf(AppDataException.class)
          .hasMessageContaining(why);
    }

    /** A text that was never written is updated, not inserted. */
    @Test
    void updatesAText() throws Exception {
      var dictionary = registering(Component.NAME, entry(2, DENY, ADMIN, SUPER_ADMIN));
      var update = TestUpdate.of(Component.NAME, text("new"));

      may(AN_ADMIN, dictionary, update);
      may(A_SUPER_ADMIN, dictionary, update);
      mayNot("may not UPDATE", MEMBER, dictionary, update);
      may(A_SUPER_ADMIN, dictionary, TestUpdate.remove(Component.NAME));
      mayNot("may not DELETE", AN_ADMIN, dictionary, TestUpdate.remove(Component.NAME));
    }

    @Test
    void changesEachElementOfAMap() throws Exception {
      var dictionary = registering(Component.MEMBERSHIP, entry(4, ADMIN, ALLOW, SUPER_ADMIN));
      var raise = new Delta().update(TWO, hex("01"));
      var raiseAndAdd = new Delta().update(TWO, hex("01")).insert(THREE, hex("01"));
      var raiseAndRemove = new Delta().update(TWO, hex("01")).delete(THREE);

      may(MEMBER, dictionary, TestUpdate.of(Component.MEMBERSHIP, raise.toOctets()));
      mayNot(
          "may not INSERT",
          MEMBER,
          dictionary,
          TestUpdate.of(Component.MEMBERSHIP, raiseAndAdd.toOctets()));
      may(AN_ADMIN, dictionary, TestUpdate.of(Component.MEMBERSHIP, raiseAndAdd.toOctets()));
      mayNot(
          "may not DELETE",
          AN_ADMIN,
          dictionary,
          TestUpdate.of(Component.MEMBERSHIP, raiseAndRemove.toOctets()));
    }

    @Test
    void removesByHash() throws Exception {
      var dictionary = registering(Component.ADMINS, entry(6, ADMIN, ADMIN, SUPER_ADMIN));
      var update = TestUpdate.of(Component.ADMINS, hex("21 02" + "11".repeat(32)));

      mayNot("may not DELETE", AN_ADMIN, dictionary, update);
      may(A_SUPER_ADMIN, dictionary, update);
    }

    @Test
    void writesTheRegistryAndTheSuperAdmins() throws Exception {
      var appoint = TestUpdate.of(Component.SUPER_ADMINS, new Delta().insert(TWO).toOctets());
      var register =
          TestUpdate.of(
              Component.REGISTRY,
              new TestDelta()
                  .insert(UNKNOWN, entry(1, ALLOW, ALLOW, ALLOW).build().toByteArray())
                  .toOctets());
      for (var update : List.of(appoint, register)) {
        may(A_SUPER_ADMIN, Dictionary.EMPTY, update);
        mayNot("only a super admin", AN_ADMIN, Dictionary.EMPTY, update);
        mayNot("only a super admin", MEMBER, Dictionary.EMPTY, update);
      }
    }

    @Test
    void removesNoRegistryAndNothingImmutable() throws Exception {
      mayNot(
          "cannot be removed",
          A_SUPER_ADMIN,
          Dictionary.EMPTY,
          TestUpdate.remove(Component.REGISTRY));
      mayNot(
          "is immutable",
          A_SUPER_ADMIN,
          registering(Component.CREATOR, entry(1, ALLOW, ALLOW, ALLOW)),
          TestUpdate.remove(Component.CREATOR));
      mayNot(
          "is immutable",
          A_SUPER_ADMIN,
          registering(Component.CREATOR, entry(1, ALLOW, ALLOW, ALLOW)),
          TestUpdate.of(Component.CREATOR, hex("00" + "22".repeat(32))));
    }

    @Test
    void writesNothingThatIsNotRegistered() {
      mayNot(
          "the registry has no",
          A_SUPER_ADMIN,
          Dictionary.EMPTY,
          TestUpdate.of(Component.NAME, text("new")));
    }

    @Test
    void isToldByConditions() throws Exception {
      var all =
          MetadataPolicy.newBuilder()
              .setAndCondition(
                  MetadataPolicy.AndCondition.newBuilder()
                      .addPolicies(policy(ALLOW))
                      .addPolicies(policy(ADMIN)));
      var any =
          MetadataPolicy.newBuilder()
              .setAnyCondition(
                  MetadataPolicy.AnyCondition.newBuilder()
                      .addPolicies(policy(DENY))
                      .addPolicies(policy(ADMIN)));
      var update = TestUpdate.of(Component.NAME, text("new"));
      for (var policy : List.of(all, any)) {
        may(AN_ADMIN, updatedBy(policy), update);
        mayNot("may not UPDATE", MEMBER, updatedBy(policy), update);
      }
    }

    private Dictionary updatedBy(MetadataPolicy.Builder policy) throws AppDataException {
      var entry = entry(2, ALLOW, ALLOW, ALLOW);
      entry.getPermissionsBuilder().setUpdatePolicy(policy);
      return registering(Component.NAME, entry);
    }

    /** What does not parse refuses, but where an earlier part has decided. */
    @Test
    void isNobodyWhereAPolicyDoesNotParse() throws Exception {
      var update = TestUpdate.of(Component.NAME, text("new"));
      var unknown = policy(9);
      var brokenFirst =
          MetadataPolicy.newBuilder()
              .setAnyCondition(
                  MetadataPolicy.AnyCondition.newBuilder()
                      .addPolicies(unknown)
                      .addPolicies(policy(ALLOW)));
      var brokenLast =
          MetadataPolicy.newBuilder()
              .setAnyCondition(
                  MetadataPolicy.AnyCondition.newBuilder()
                      .addPolicies(policy(ALLOW))
                      .addPolicies(unknown));
      var empty =
          MetadataPolicy.newBuilder()
              .setAndCondition(MetadataPolicy.AndCondition.getDefaultInstance());
      for (var policy :
          List.of(unknown.toBuilder(), brokenFirst, empty, MetadataPolicy.newBuilder())) {
        mayNot("may not UPDATE", A_SUPER_ADMIN, updatedBy(policy), update);
      }
      may(MEMBER, updatedBy(brokenLast), update);
    }

    /** A commit may hold very many updates, and a policy very many parts. */
    @Test
    void isAskedOnceOfEachRole() throws Exception {
      var asked = new ArrayList<Role>();
      var registry =
          Registry.read(
              registering(Component.NAME, entry(2, DENY, ADMIN, SUPER_ADMIN))
                  .find(Component.REGISTRY)
                  .orElseThrow(),
              (policy, role) -> {
                asked.add(role);
                return Outcome.of(policy, role);
              });
      var update = TestUpdate.of(Component.NAME, text("new"));

      for (int i = 0; i < 100; i++) {
        registry.check(update, AN_ADMIN);
        registry.check(update, A_SUPER_ADMIN);
        registry.check(TestUpdate.remove(Component.NAME), A_SUPER_ADMIN);
        assertThatThrownBy(() -> registry.check(update, MEMBER)).hasMessageContaining("may not");
      }

      assertThat(asked).containsExactlyInAnyOrder(AN_ADMIN, A_SUPER_ADMIN, A_SUPER_ADMIN, MEMBER);
    }

    @Test
    void sendsOnlyWhatCanBeRead() throws Exception {
      var dictionary = registering(Component.NAME, entry(2, ALLOW, ALLOW, ALLOW));
      mayNot("no UTF-8", A_SUPER_ADMIN, dictionary, TestUpdate.of(Component.NAME, hex("ff")));
      mayNot(
          "mutation",
          A_SUPER_ADMIN,
          dictionary,
          TestUpdate.of(Component.SUPER_ADMINS, hex("bfffffff")));
    }
  }

  @Test
  void updatesAreValues() {
    var update = TestUpdate.of(1, hex("01"));

    update.update().orElseThrow()[0] = 9;

    assertThat(update).isEqualTo(new ComponentUpdate(1, Optional.of(hex("01"))));
    assertThat(update).hasSameHashCodeAs(TestUpdate.of(1, hex("01")));
    assertThat(update).isNotEqualTo(TestUpdate.remove(1));
  }
}
