package io.postern.node;

import static io.postern.node.GroupMessagesTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesRequest;
import io.postern.xmtp.proto.mls.api.FetchKeyPackagesResponse.KeyPackage;
import io.postern.xmtp.proto.mls.api.KeyPackageUpload;
import io.postern.xmtp.proto.mls.api.RegisterInstallationRequest;
import io.postern.xmtp.proto.mls.api.UploadKeyPackageRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KeyPackagesTest {
  private static final JsonNode VECTORS = Vectors.read("identity-keypackages.json");

  /** Whose packages most cases are: the public key of the Ed25519 seed 41 × 32. */
  private static final ByteString INSTALLATION =
      ByteString.fromHex("db995fe25169d141cab9bbba92baa01f9f2e1ece7df4cb2ac05190f37fcc1f9d");

  private static final ByteString STRANGER = MlsOctets.installationKey(404);

  @TempDir Path folder;
  private RunningNode node;

  @BeforeEach
  void open() throws Exception {
    var evaluatedAt = VECTORS.path("verification").path("evaluated_at_unix_seconds").asLong();
    node =
        RunningNode.open(folder, Clock.fixed(Instant.ofEpochSecond(evaluatedAt), ZoneOffset.UTC));
  }

  @AfterEach
  void close() {
    node.close();
  }

  static Stream<Arguments> captured() {
    return StreamSupport.stream(VECTORS.path("captured").spliterator(), false)
        .map(
            each ->
                Arguments.of(
                    each.path("version").asText(),
                    ByteString.fromHex(each.path("upload_key_package_request_hex").asText())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("captured")
  void takesWhatOfficialClientsUpload(String version, ByteString octets) throws Exception {
    var request = UploadKeyPackageRequest.parseFrom(octets);

    node.mls().uploadKeyPackage(request);

    var registration =
        node.mls()
            .registerInstallation(
                RegisterInstallationRequest.newBuilder()
                    .setKeyPackage(request.getKeyPackage())
                    .build());
    assertThat(fetch(registration.getInstallationKey()))
        .as(version)
        .containsExactly(request.getKeyPackage().getKeyPackageTlsSerialized());
  }

  @Test
  void servesTheNewestPackageOnly() throws Exception {
    upload(named("baseline"));
    upload(named("with_xwing_wrapper"));
    assertThat(fetch(INSTALLATION)).containsExactly(named("with_xwing_wrapper"));

    upload(named("baseline"));

    assertThat(fetch(INSTALLATION)).containsExactly(named("baseline"));
  }

  @Test
  void answersInTheOrderAskedWithEmptyOctetsForStrangers() { // N-14
    upload(named("baseline"));
    upload(named("other_installation_key"));
    var other =
        node.mls()
            .registerInstallation(
                RegisterInstallationRequest.newBuilder()
                    .setKeyPackage(packed(named("other_installation_key")))
                    .build())
            .getInstallationKey();

    assertThat(fetch(STRANGER, other, STRANGER, INSTALLATION))
        .containsExactly(
            ByteString.EMPTY, named("other_installation_key"), ByteString.EMPTY, named("baseline"));
    assertThat(fetch(INSTALLATION, other, INSTALLATION))
        .as("a key asked for twice is answered at its last place")
        .containsExactly(ByteString.EMPTY, named("other_installation_key"), named("baseline"));
    assertThat(fetch()).isEmpty();
  }

  @Test
  void packagesSurviveARestart() throws Exception {
    upload(named("baseline"));
    node.close();

    node = RunningNode.open(folder);

    assertThat(fetch(INSTALLATION)).containsExactly(named("baseline"));
  }

  @Test
  void refusesARequestWithoutAPackage() {
    assertRefused(
        () -> node.mls().uploadKeyPackage(UploadKeyPackageRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "no key package");
    assertRefused(
        () -> node.mls().registerInstallation(RegisterInstallationRequest.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "no key package");
    assertRefused(
        () -> upload(ByteString.copyFrom(new byte[PublishCheck.MAX_KEY_PACKAGE_BYTES + 1])),
        Status.Code.INVALID_ARGUMENT,
        "invalid identity: ");
  }

  private void upload(ByteString keyPackage) {
    node.mls()
        .uploadKeyPackage(
            UploadKeyPackageRequest.newBuilder().setKeyPackage(packed(keyPackage)).build());
  }

  private List<ByteString> fetch(ByteString... installationKeys) {
    return node
        .mls()
        .fetchKeyPackages(
            FetchKeyPackagesRequest.newBuilder()
                .addAllInstallationKeys(List.of(installationKeys))
                .build())
        .getKeyPackagesList()
        .stream()
        .map(KeyPackage::getKeyPackageTlsSerialized)
        .toList();
  }

  private static KeyPackageUpload packed(ByteString keyPackage) {
    return KeyPackageUpload.newBuilder().setKeyPackageTlsSerialized(keyPackage).build();
  }

  private static ByteString named(String name) {
    return PublishCheckTest.keyPackages()
        .filter(each -> each.get()[0].equals(name))
        .map(each -> (ByteString) each.get()[1])
        .findFirst()
        .orElseThrow();
  }
}
