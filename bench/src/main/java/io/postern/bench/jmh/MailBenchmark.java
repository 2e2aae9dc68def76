package io.postern.bench.jmh;

import io.postern.bench.SampleMail;
import io.postern.mail.Draft;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import io.postern.mail.MailWriter;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mail.ReadableMail;
import io.postern.mapping.Circumstances;
import io.postern.mapping.MailToContent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A mail of 4 KB of plain text: read, translated, written. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class MailBenchmark {
  private static final Instant RECEIVED = Instant.parse("2026-11-25T12:00:00Z");

  private byte[] octets;
  private Mail mail;
  private Draft draft;

  @Setup
  public void makeMail() throws MailException {
    octets = new SampleMail("bob@example.org", "alice@bridge.example", 1).octets();
    mail = MailReader.read(octets);
    draft =
        new Draft(
            new NamedMailbox("Alice (via XMTP)", new Mailbox("alice", "bridge.example")),
            List.of(NamedMailbox.of(new Mailbox("bob", "example.org"))),
            Optional.empty(),
            RECEIVED,
            new MailId("<answer@bridge.example>"),
            mail.id(),
            List.of(),
            "Re: Load",
            new Draft.Text(mail.bodies().get(0).plain().orElseThrow()),
            List.of(),
            Draft.Automation.PERSON,
            List.of());
  }

  @Benchmark
  public Mail read() throws MailException {
    return MailReader.read(octets);
  }

  @Benchmark
  public MailToContent.Result translate() {
    return MailToContent.convert(mail, ReadableMail.of(mail), Circumstances.newThread(RECEIVED));
  }

  @Benchmark
  public byte[] write() {
    return MailWriter.write(draft);
  }
}
