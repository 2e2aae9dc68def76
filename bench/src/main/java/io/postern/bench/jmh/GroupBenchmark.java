package io.postern.bench.jmh;

import io.postern.bench.MlsPerson;
import io.postern.mls.MlsException;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.OwnCommit;
import io.postern.mls.group.OwnKeyPackage;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** MLS in a group of so many members. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class GroupBenchmark {
  private static final int TEXT_OCTETS = 200;

  @Param({"2", "10", "50", "250"})
  public int members;

  private MlsGroup ofAlice;
  private MlsGroup ofBob;
  private byte[] commit;
  private byte[] addition;
  private MlsPerson bob;
  private OwnKeyPackage bobKeys;
  private byte[] welcome;
  private Proposal newcomer;

  @Setup
  public void makeGroup() throws MlsException {
    bob = new MlsPerson("bob");
    bobKeys = bob.keyPackage();
    var adds = new ArrayList<Proposal>();
    adds.add(new Proposal.Add(bobKeys.keyPackage()));
    for (int i = 2; i < members; i++) {
      adds.add(new Proposal.Add(new MlsPerson("member " + i).keyPackage().keyPackage()));
    }
    ofAlice = new MlsPerson("alice").createGroup();
    var added = ofAlice.commit(adds);
    ofAlice.merge(added.staged());
    welcome = added.welcome().orElseThrow();
    ofBob = bob.join(welcome, bobKeys);
    commit = ofAlice.commit(List.of()).octets();
    newcomer = new Proposal.Add(new MlsPerson("newcomer").keyPackage().keyPackage());
    addition = ofAlice.commit(List.of(newcomer)).octets();
  }

  @Benchmark
  public byte[] encrypt() throws MlsException {
    return ofAlice.encrypt(new byte[TEXT_OCTETS]);
  }

  /** A ciphertext can be decrypted once only: this is both halves. */
  @Benchmark
  public Object encryptAndDecrypt() throws MlsException {
    return ofBob.decrypt(MlsPerson.message(ofAlice.encrypt(new byte[TEXT_OCTETS])));
  }

  /** A commit that renews the committer's keys. */
  @Benchmark
  public OwnCommit commit() throws MlsException {
    return ofAlice.commit(List.of());
  }

  /** A commit that lets somebody in, with the welcome for them. */
  @Benchmark
  public OwnCommit commitAndWelcome() throws MlsException {
    return ofAlice.commit(List.of(newcomer));
  }

  /** What a receiver does with a commit that renews keys before it is merged. */
  @Benchmark
  public StagedCommit stage() throws MlsException {
    return ofBob.stage(MlsMessage.read(commit));
  }

  /** What a receiver does with a commit that lets somebody in before it is merged. */
  @Benchmark
  public StagedCommit stageAddition() throws MlsException {
    return ofBob.stage(MlsMessage.read(addition));
  }

  /** From a welcome to the group, its whole tree checked. */
  @Benchmark
  public MlsGroup join() throws MlsException {
    return bob.join(welcome, bobKeys);
  }

  /** What is saved with each message. */
  @Benchmark
  public byte[] saveRatchets() {
    return ofBob.ratchetState();
  }

  /** What is saved with each commit. */
  @Benchmark
  public byte[] saveEpoch() {
    return ofBob.epochState();
  }
}
