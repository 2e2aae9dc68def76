package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.postern.xmtp.proto.health.HealthCheckRequest;
import io.postern.xmtp.proto.health.HealthCheckResponse.ServingStatus;
import io.postern.xmtp.proto.health.HealthGrpc;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  @Test
  void servesWithACertificate() throws Exception {
    var tls = selfSigned();
    try (var node = LocalNode.open(settings(tls))) {
      var trusting =
          NettyChannelBuilder.forAddress("localhost", node.port())
              .sslContext(
                  GrpcSslContexts.forClient().trustManager(tls.certificate().toFile()).build())
              .build();
      var cleartext =
          NettyChannelBuilder.forAddress("localhost", node.port()).usePlaintext().build();
      try {
        assertThat(
                HealthGrpc.newBlockingStub(trusting)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus())
            .isEqualTo(ServingStatus.SERVING);
        assertThatThrownBy(
                () ->
                    HealthGrpc.newBlockingStub(cleartext)
                        .check(HealthCheckRequest.getDefaultInstance()))
            .isInstanceOf(StatusRuntimeException.class);
      } finally {
        trusting.shutdownNow();
        cleartext.shutdownNow();
      }
    }
  }

  @Test
  void saysWhichFileCannotBeRead() throws Exception {
    var tls = new NodeSettings.Tls(folder.resolve("missing.pem"), folder.resolve("missing.key"));

    assertThatThrownBy(() -> LocalNode.open(settings(tls)))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("missing.pem");
  }

  @Test
  void saysThatFilesAreNoKeys() throws Exception {
    var nonsense = Files.writeString(folder.resolve("nonsense.pem"), "nonsense");

    assertThatThrownBy(() -> LocalNode.open(settings(new NodeSettings.Tls(nonsense, nonsense))))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining("node TLS");
    LocalNode.open(RunningNode.settings(folder.resolve("data"))).close();
  }

  private NodeSettings settings(NodeSettings.Tls tls) {
    return new NodeSettings(
        new InetSocketAddress("127.0.0.1", 0),
        folder.resolve("data"),
        Optional.of(tls),
        Optional.empty(),
        Optional.empty());
  }

  /** A certificate for localhost by the runtime's own tool, as PEM files. */
  private NodeSettings.Tls selfSigned() throws Exception {
    var store = folder.resolve("store.p12");
    var keytool =
        System.getProperty("java.home") + File.separator + "bin" + File.separator + "keytool";
    var process =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "node",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    var keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    return new NodeSettings.Tls(
        pem("CERTIFICATE", keys.getCertificate("node").getEncoded()),
        pem("PRIVATE KEY", keys.getKey("node", PASSWORD).getEncoded()));
  }

  private Path pem(String what, byte[] der) throws Exception {
    var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        folder.resolve(what.replace(' ', '-') + ".pem"),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, base64, what));
  }
}
