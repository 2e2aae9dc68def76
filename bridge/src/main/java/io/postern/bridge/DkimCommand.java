package io.postern.bridge;

import io.postern.mail.auth.SigningKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern dkim FILE}: makes a key that signs mail, and says what the DNS must hold. */
@Command(
    name = "dkim",
    description = "Makes a key that signs mail, and prints the DNS records to publish.")
final class DkimCommand implements Callable<Integer> {
  /** RFC 8301 §3.2: 2048 bits should be used. */
  private static final int RSA_BITS = 2048;

  private static final int PEM_LINE = 64;

  enum Kind {
    RSA,
    ED25519
  }

  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Option(
      names = "--selector",
      paramLabel = "NAME",
      defaultValue = "postern",
      description = "The name of the key in the DNS. Default: ${DEFAULT-VALUE}.")
  private String selector;

  @Option(
      names = "--kind",
      defaultValue = "RSA",
      description =
          "One of ${COMPLETION-CANDIDATES}. Everybody checks RSA; Ed25519 goes beside it. Default:"
              + " ${DEFAULT-VALUE}.")
  private Kind kind;

  @Parameters(
      paramLabel = "FILE",
      description = "Where the private key goes; if it is there already, its records are printed.")
  private Path file;

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    try {
      make();
      out.println("made " + file + "; write it into the configuration:");
      out.println("dkim: [{selector: " + selector + ", keyFile: " + file + "}]");
    } catch (FileAlreadyExistsException there) {
      out.println(file + " is there already and stays as it is");
    }
    var key = MailSigning.read(file, selector);
    out.println("publish as TXT:");
    for (var domain : config.read().domains()) {
      out.println(selector + "._domainkey." + domain + "  " + quoted(key));
    }
    return 0;
  }

  /** In strings of 255 octets at most, as a zone file wants it. RFC 1035 §3.3. */
  private static String quoted(SigningKey key) {
    return "\"" + key.record().replaceAll("(.{250})(?=.)", "$1\" \"") + "\"";
  }

  private void make() throws IOException, GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance(kind == Kind.RSA ? "RSA" : "Ed25519");
    if (kind == Kind.RSA) {
      generator.initialize(RSA_BITS);
    }
    var pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
    var base64 = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encode(pkcs8);
    Arrays.fill(pkcs8, (byte) 0);
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = FileChannel.open(file, options, attributes())) {
      write(channel, "-----BEGIN PRIVATE KEY-----\n".getBytes(StandardCharsets.US_ASCII));
      write(channel, base64);
      write(channel, "\n-----END PRIVATE KEY-----\n".getBytes(StandardCharsets.US_ASCII));
      channel.force(true);
    } finally {
      Arrays.fill(base64, (byte) 0);
    }
  }

  private FileAttribute<?>[] attributes() {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[] {};
  }

  private static void write(FileChannel channel, byte[] octets) throws IOException {
    var rest = ByteBuffer.wrap(octets);
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }
}
