package io.postern.mls.group;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.Signing;
import io.postern.mls.framing.MlsMessage;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.XECPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.crypto.KeyAgreement;

/** Measures, asserts nothing: run its {@code main} by hand. */
final class GroupBenchmark {
  private GroupBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    primitives();
    for (int members : new int[] {2, 250, 1000}) {
      group(members);
    }
  }

  private static void primitives() throws Exception {
    Client client = new Client("bench");
    byte[] message = new byte[300];
    byte[] signature = Signing.ED25519.signWithLabel(client.signer, "bench", message);
    measure(
        "Ed25519 sign", 3000, () -> Signing.ED25519.signWithLabel(client.signer, "bench", message));
    measure(
        "Ed25519 verify",
        3000,
        () ->
            Signing.ED25519.verifyWithLabel(
                client.signer.publicKey(), "bench", message, signature));
    byte[] publicKey = client.keyPackage().keyPackage().initKey();
    measure(
        "HPKE seal",
        3000,
        () ->
            Client.SUITE
                .hpke()
                .encryptWithLabel(publicKey, "bench", message, message, client.random));
    jdk(message);
  }

  private static void jdk(byte[] message) throws GeneralSecurityException {
    java.security.KeyPair ed = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(ed.getPrivate());
    signer.update(message);
    byte[] signature = signer.sign();
    measure(
        "JDK Ed25519 sign",
        1000,
        () -> {
          signer.initSign(ed.getPrivate());
          signer.update(message);
          return signer.sign();
        });
    measure(
        "JDK Ed25519 verify",
        1000,
        () -> {
          signer.initVerify(ed.getPublic());
          signer.update(message);
          return signer.verify(signature);
        });
    java.security.KeyPair x = KeyPairGenerator.getInstance("X25519").generateKeyPair();
    measure(
        "JDK X25519 agreement",
        1000,
        () -> {
          KeyAgreement agreement = KeyAgreement.getInstance("X25519");
          agreement.init(x.getPrivate());
          agreement.doPhase((XECPublicKey) x.getPublic(), true);
          return agreement.generateSecret();
        });
  }

  private static void group(int size) throws MlsException {
    Client alice = new Client("alice");
    MlsGroup ofAlice = alice.create();
    Client bob = new Client("bob");
    OwnKeyPackage bobKeys = bob.keyPackage();
    List<Proposal> adds = new ArrayList<>();
    adds.add(Client.add(bobKeys));
    for (int i = 2; i < size; i++) {
      adds.add(Client.add(new Client("member " + i).keyPackage()));
    }
    OwnCommit commit = ofAlice.commit(adds);
    byte[] welcome = commit.welcome().orElseThrow();
    System.out.printf("-- %d members: welcome %d octets%n", size, welcome.length);
    measure("commit that adds all", size > 100 ? 5 : 50, () -> ofAlice.commit(adds));
    ofAlice.merge(commit.staged());
    measure("join", size > 100 ? 10 : 100, () -> bob.join(welcome, bobKeys));
    MlsGroup ofBob = bob.join(welcome, bobKeys);
    measure("commit without proposals", size > 100 ? 10 : 200, () -> ofAlice.commit(List.of()));
    OwnCommit update = ofAlice.commit(List.of());
    System.out.printf("update commit %d octets%n", update.octets().length);
    measure("stage it", size > 100 ? 20 : 200, () -> ofBob.stage(MlsMessage.read(update.octets())));
    ofBob.merge(ofBob.stage(MlsMessage.read(update.octets())));
    ofAlice.merge(update.staged());
    measure("encrypt 200 octets", 3000, () -> ofAlice.encrypt(new byte[200]));
    decrypts(alice, bob);
    System.out.printf(
        "epoch state %d, ratchet state %d octets%n",
        ofBob.epochState().length, ofBob.ratchetState().length);
    measure("save ratchets", 3000, ofBob::ratchetState);
    measure("save epoch", 300, ofBob::epochState);
    measure("restore", 100, () -> bob.restored(ofBob));
  }

  private static void decrypts(Client alice, Client bob) throws MlsException {
    MlsGroup ofAlice = alice.create();
    OwnKeyPackage keys = bob.keyPackage();
    OwnCommit commit = ofAlice.commit(List.of(Client.add(keys)));
    ofAlice.merge(commit.staged());
    MlsGroup ofBob = bob.join(commit.welcome().orElseThrow(), keys);
    measure(
        "encrypt and decrypt",
        3000,
        () -> ofBob.decrypt(Client.message(ofAlice.encrypt(new byte[200]))));
  }

  private static void measure(String what, int times, Callable<?> task) {
    try {
      for (int i = 0; i < times / 2; i++) {
        task.call();
      }
      long start = System.nanoTime();
      for (int i = 0; i < times; i++) {
        task.call();
      }
      System.out.printf("%-28s %10.1f us%n", what, (System.nanoTime() - start) / 1000.0 / times);
    } catch (Exception broken) {
      throw new IllegalStateException(what, broken);
    }
  }
}
