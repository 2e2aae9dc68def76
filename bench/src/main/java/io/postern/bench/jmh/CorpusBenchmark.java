package io.postern.bench.jmh;

import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.ReadableMail;
import io.postern.mapping.Circumstances;
import io.postern.mapping.MailToContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
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
import org.openjdk.jmh.infra.Blackhole;

/** All real and broken mails of the outside suites, one after the other, in one thread. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
@State(Scope.Benchmark)
public class CorpusBenchmark {
  private static final Instant RECEIVED = Instant.parse("2026-11-25T12:00:00Z");
  private static final List<String> SUITES = List.of("mime4j", "mikel", "chatmail", "sisimai");

  /** The folder of the suites; the test property {@code postern.suites} names the same. */
  @Param("../shared/suites")
  public String suites;

  private final List<byte[]> mails = new ArrayList<>();

  @Setup
  public void readFiles() throws IOException {
    for (var suite : SUITES) {
      try (var files = Files.walk(Path.of(suites, suite))) {
        for (var file : files.filter(CorpusBenchmark::isMail).sorted().toList()) {
          mails.add(Files.readAllBytes(file));
        }
      }
    }
    if (mails.isEmpty()) {
      throw new IllegalStateException(
          "there is no mail in " + suites + "; name it with -p suites=");
    }
    long octets = mails.stream().mapToLong(mail -> mail.length).sum();
    System.out.println(mails.size() + " mails, " + octets + " octets");
  }

  private static boolean isMail(Path file) {
    var name = file.toString();
    return Files.isRegularFile(file)
        && name.matches(".*\\.(eml|msg|txt)|.*/fixtures/.*|.*/maildir/.*")
        && !name.matches(".*(LICENSE|_decoded|expected).*");
  }

  @Benchmark
  public void read(Blackhole sink) {
    for (var octets : mails) {
      try {
        sink.consume(MailReader.read(octets));
      } catch (MailException unreadable) {
        sink.consume(unreadable);
      }
    }
  }

  @Benchmark
  public void readAndTranslate(Blackhole sink) {
    for (var octets : mails) {
      try {
        var mail = MailReader.read(octets);
        sink.consume(
            MailToContent.convert(mail, ReadableMail.of(mail), Circumstances.newThread(RECEIVED)));
      } catch (MailException unreadable) {
        sink.consume(unreadable);
      }
    }
  }
}
