package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each leaf but the first lacks one thing. Signatures are looked at elsewhere. */
class LeafCheckTest {
  private static final CipherSuite SUITE = CipherSuite.X25519_CHACHA20POLY1305_SHA256_ED25519;
  private static final int OURS = 0xff00;

  private static final Extensions CONTEXT =
      Extensions.of(
          new RequiredCapabilities(List.of(OURS), List.of(0x0f00), List.of(1, 2)).toExtension(),
          new Extension(0xff01, new byte[1]));

  private int encryptionKey = 32;
  private int signatureKey = 32;
  private List<Integer> versions = List.of(1);
  private List<Integer> suites = List.of(0x0a0a, 3);
  private List<Integer> extensions = List.of(OURS, 0xff01, 0xf000, 0x000a);
  private List<Integer> proposals = List.of(0x0f00);
  private List<Integer> credentials = List.of(1, 2);
  private Extensions own = Extensions.NONE;

  private LeafNode leaf() throws MlsException {
    return LeafNode.read(
        new TlsReader(
            new TlsWriter()
                .opaque(new byte[encryptionKey])
                .opaque(new byte[signatureKey])
                .struct(Credential.basic(new byte[1]))
                .struct(new Capabilities(versions, suites, extensions, proposals, credentials))
                .struct(new LeafNodeSource.InUpdate())
                .struct(own)
                .opaque(new byte[64])
                .toOctets()));
  }

  private void refuses(String why) {
    assertThatThrownBy(() -> new LeafCheck(SUITE, CONTEXT).check(leaf()))
        .isInstanceOfSatisfying(
            MlsException.class,
            bad ->
                org.assertj.core.api.Assertions.assertThat(bad.failure())
                    .isEqualTo(Failure.INVALID_LEAF))
        .hasMessageContaining(why);
  }

  @Test
  void takesALeafThatFits() {
    own = Extensions.of(new Extension(Extension.APPLICATION_ID, new byte[3]));

    assertThatCode(() -> new LeafCheck(SUITE, CONTEXT).check(leaf())).doesNotThrowAnyException();
  }

  @Test
  void refusesAnEncryptionKeyOfAnotherLength() {
    encryptionKey = 31;

    refuses("length");
  }

  @Test
  void refusesASignatureKeyOfAnotherLength() {
    signatureKey = 33;

    refuses("length");
  }

  @Test
  void refusesAClientThatDoesNotListTheVersion() {
    versions = List.of(2);

    refuses("protocol version");
  }

  @Test
  void refusesAClientThatDoesNotListTheSuite() {
    suites = List.of(1, 2);

    refuses("cipher suite");
  }

  @Test
  void refusesAClientWithoutARequiredExtension() {
    extensions = List.of(0xff01);

    refuses("required extension ff00");
  }

  @Test
  void refusesAClientWithoutARequiredProposal() {
    proposals = List.of();

    refuses("required proposal 0f00");
  }

  @Test
  void refusesAClientWithoutARequiredCredential() {
    credentials = List.of(1);

    refuses("required credential 0002");
  }

  @Test
  void refusesAClientWithoutAnExtensionOfTheGroup() {
    extensions = List.of(OURS);

    refuses("group's extension ff01");
  }

  @Test
  void refusesALeafExtensionThatIsNotListed() {
    own = Extensions.of(new Extension(0xff77, new byte[0]));

    refuses("its own leaf's extension ff77");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(ints = {0x0002, 0x0003, 0x0004, 0x0005, 0x000a, 0xf000})
  void refusesALeafExtensionThatBelongsElsewhere(int type) {
    own = Extensions.of(new Extension(type, new byte[0]));

    refuses("does not belong into a leaf");
  }

  @Test
  void whatEveryClientSupportsNeedNotBeListed() throws MlsException {
    Extensions context =
        Extensions.of(
            new RequiredCapabilities(List.of(1, 5), List.of(1, 7), List.of()).toExtension());

    new LeafCheck(SUITE, context).check(leaf());
  }

  @Test
  void refusesACredentialThatSomebodyCannotRead() throws MlsException {
    LeafNode readsBoth = leaf();
    credentials = List.of(2);
    LeafNode readsNotItsOwn = leaf();

    LeafCheck.checkCredentials(List.of(readsBoth));
    assertThatThrownBy(() -> LeafCheck.checkCredentials(List.of(readsBoth, readsNotItsOwn)))
        .isInstanceOf(MlsException.class)
        .hasMessageContaining("credential in use 0001");
  }
}
