package io.postern.node;

import static io.postern.node.GroupMessagesTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.postern.xmtp.proto.mls.WelcomePointerWrapperAlgorithm;
import io.postern.xmtp.proto.mls.WelcomeWrapperAlgorithm;
import io.postern.xmtp.proto.mls.api.QueryWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.SendWelcomeMessagesRequest;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WelcomeMessagesTest {
  private static final ByteString PHONE = MlsOctets.installationKey(1);
  private static final ByteString LAPTOP = MlsOctets.installationKey(2);
  private static final ByteString KEY = ByteString.copyFromUtf8("hpke public key");

  @TempDir Path folder;
  private RunningNode node;

  @BeforeEach
  void open() throws Exception {
    node = RunningNode.open(folder);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void idsAreASequenceOfTheirOwn() { // N-17
    node.send(
        MlsOctets.application(MlsOctets.groupId(1), "a"),
        MlsOctets.application(MlsOctets.groupId(1), "b"));

    node.welcome(v1(PHONE, "one"), v1(LAPTOP, "two"), v1(PHONE, "three"));

    assertThat(node.queryWelcomes(PHONE, 0))
        .extracting(WelcomeMessagesTest::id)
        .containsExactly(1L, 3L);
    assertThat(node.queryWelcomes(LAPTOP, 0))
        .extracting(WelcomeMessagesTest::id)
        .containsExactly(2L);
    assertThat(node.queryWelcomes(PHONE, 1))
        .extracting(WelcomeMessagesTest::id)
        .containsExactly(3L);
  }

  @Test
  void everyFieldOfAWelcomeComesBackAsItWasSent() { // N-19
    var input =
        WelcomeMessageInput.V1
            .newBuilder()
            .setInstallationKey(PHONE)
            .setData(ByteString.copyFromUtf8("welcome"))
            .setHpkePublicKey(KEY)
            .setWrapperAlgorithm(
                WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6)
            .setWelcomeMetadata(ByteString.copyFromUtf8("metadata"))
            .build();

    node.welcome(WelcomeMessageInput.newBuilder().setV1(input).build());

    var served = node.queryWelcomes(PHONE, 0).get(0).getV1();
    assertThat(served.getId()).isEqualTo(1);
    assertThat(served.getCreatedNs()).isPositive();
    assertThat(served.getInstallationKey()).isEqualTo(PHONE);
    assertThat(served.getData()).isEqualTo(input.getData());
    assertThat(served.getHpkePublicKey()).isEqualTo(KEY);
    assertThat(served.getWrapperAlgorithm()).isEqualTo(input.getWrapperAlgorithm());
    assertThat(served.getWelcomeMetadata()).isEqualTo(input.getWelcomeMetadata());
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "2, 2", "3, 3", "77, 1"})
  void anUnsetOrUnknownWrapperIsServedAsCurve25519(int sent, int served) { // N-19
    node.welcome(
        WelcomeMessageInput.newBuilder()
            .setV1(v1(PHONE, "welcome").getV1().toBuilder().setWrapperAlgorithmValue(sent))
            .build());

    assertThat(node.queryWelcomes(PHONE, 0).get(0).getV1().getWrapperAlgorithmValue())
        .isEqualTo(served);
  }

  @Test
  void pointersAndWhatTheyPointToAreServedInOneOrder() { // N-18
    var destination = MlsOctets.installationKey(99);
    var pointee =
        WelcomeMessageInput.newBuilder()
            .setV1(
                WelcomeMessageInput.V1
                    .newBuilder()
                    .setInstallationKey(destination)
                    .setData(ByteString.copyFromUtf8("for all of you"))
                    .setWrapperAlgorithm(
                        WelcomeWrapperAlgorithm.WELCOME_WRAPPER_ALGORITHM_SYMMETRIC_KEY))
            .build();

    node.welcome(pointee);
    node.welcome(v1(PHONE, "direct"), pointer(PHONE, "there"), pointer(LAPTOP, "there too"));

    assertThat(node.queryWelcomes(destination, 0)).hasSize(1);
    var phone = node.queryWelcomes(PHONE, 0);
    assertThat(phone)
        .extracting(WelcomeMessage::getVersionCase)
        .containsExactly(WelcomeMessage.VersionCase.V1, WelcomeMessage.VersionCase.WELCOME_POINTER);
    assertThat(phone).extracting(WelcomeMessagesTest::id).containsExactly(2L, 3L);
    var pointer = phone.get(1).getWelcomePointer();
    assertThat(pointer.getWelcomePointer()).isEqualTo(ByteString.copyFromUtf8("there"));
    assertThat(pointer.getHpkePublicKey()).isEqualTo(KEY);
    assertThat(pointer.getInstallationKey()).isEqualTo(PHONE);
    assertThat(pointer.getWrapperAlgorithmValue()).isEqualTo(2);
  }

  @Test
  void sendingTwiceStoresOnce() { // N-7
    node.welcome(v1(PHONE, "again"), v1(PHONE, "again"), pointer(PHONE, "there"));
    node.welcome(pointer(PHONE, "there"), v1(LAPTOP, "again"));

    assertThat(node.queryWelcomes(PHONE, 0)).hasSize(2);
    assertThat(node.queryWelcomes(LAPTOP, 0)).hasSize(1);
  }

  static Stream<Arguments> refused() {
    var v1 = v1(PHONE, "welcome").getV1();
    var pointer = pointer(PHONE, "there").getWelcomePointer();
    return Stream.of(
        Arguments.of("an empty list", List.of()),
        Arguments.of("nothing set", List.of(WelcomeMessageInput.getDefaultInstance())),
        Arguments.of("no installation", List.of(of(v1.toBuilder().clearInstallationKey().build()))),
        Arguments.of("no data", List.of(of(v1.toBuilder().clearData().build()))),
        Arguments.of("no hpke key", List.of(of(v1.toBuilder().clearHpkePublicKey().build()))),
        Arguments.of(
            "pointer: no installation",
            List.of(of(pointer.toBuilder().clearInstallationKey().build()))),
        Arguments.of(
            "pointer: no pointer", List.of(of(pointer.toBuilder().clearWelcomePointer().build()))),
        Arguments.of(
            "pointer: no hpke key", List.of(of(pointer.toBuilder().clearHpkePublicKey().build()))),
        Arguments.of(
            "pointer: other wrapper",
            List.of(of(pointer.toBuilder().setWrapperAlgorithmValue(1).build()))),
        Arguments.of(
            "a good one and a bad one", List.of(of(v1), WelcomeMessageInput.getDefaultInstance())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesAWholeRequestWith(String what, List<WelcomeMessageInput> welcomes) {
    var request = SendWelcomeMessagesRequest.newBuilder().addAllMessages(welcomes).build();

    assertRefused(() -> node.mls().sendWelcomeMessages(request), Status.Code.INVALID_ARGUMENT, "");

    assertThat(node.queryWelcomes(PHONE, 0)).as(what).isEmpty();
  }

  @Test
  void refusesAQueryWithoutAnInstallation() {
    assertRefused(
        () -> node.mls().queryWelcomeMessages(QueryWelcomeMessagesRequest.getDefaultInstance()),
        Status.Code.UNKNOWN,
        "installation key is required");
  }

  static WelcomeMessageInput v1(ByteString installationKey, String data) {
    return of(
        WelcomeMessageInput.V1
            .newBuilder()
            .setInstallationKey(installationKey)
            .setData(ByteString.copyFromUtf8(data))
            .setHpkePublicKey(KEY)
            .build());
  }

  private static WelcomeMessageInput pointer(ByteString installationKey, String pointer) {
    return of(
        WelcomeMessageInput.WelcomePointer.newBuilder()
            .setInstallationKey(installationKey)
            .setWelcomePointer(ByteString.copyFromUtf8(pointer))
            .setHpkePublicKey(KEY)
            .setWrapperAlgorithm(
                WelcomePointerWrapperAlgorithm
                    .WELCOME_POINTER_WRAPPER_ALGORITHM_XWING_MLKEM_768_DRAFT_6)
            .build());
  }

  private static WelcomeMessageInput of(WelcomeMessageInput.V1 v1) {
    return WelcomeMessageInput.newBuilder().setV1(v1).build();
  }

  private static WelcomeMessageInput of(WelcomeMessageInput.WelcomePointer pointer) {
    return WelcomeMessageInput.newBuilder().setWelcomePointer(pointer).build();
  }

  static long id(WelcomeMessage message) {
    return message.hasV1() ? message.getV1().getId() : message.getWelcomePointer().getId();
  }
}
