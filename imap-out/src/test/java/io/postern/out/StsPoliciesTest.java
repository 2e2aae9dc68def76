package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

class StsPoliciesTest {
  private static final String DOMAIN = "example.org";

  @TempDir private Path folder;
  private TinyDns dns;
  private Instant now = Instant.parse("2026-11-29T12:00:00Z");
  private Optional<String> served = Optional.of(policy("mx.example.org"));
  private Duration fetchTakes = Duration.ZERO;
  private final List<String> fetched = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    dns = new TinyDns();
  }

  @AfterEach
  void stop() {
    dns.close();
  }

  private static String policy(String host) {
    return "version: STSv1\nmode: enforce\nmx: " + host + "\nmax_age: 604800\n";
  }

  private StsPolicies policies() throws IOException {
    return new StsPolicies(
        new DnsJava(dns.resolver(), Duration.ofSeconds(30)),
        domain -> {
          fetched.add(domain);
          now = now.plus(fetchTakes);
          return served.orElseThrow(() -> new IOException("no host"));
        },
        StsCache.open(folder),
        () -> now);
  }

  private static List<String> hosts(Optional<StsPolicy> policy) {
    return policy.orElseThrow().hosts();
  }

  @Test
  void fetchesAPolicyOnceAndKeepsItOverARestart() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1;");

    assertThat(hosts(policies().policy(DOMAIN))).containsExactly("mx.example.org");
    assertThat(hosts(policies().policy(DOMAIN))).containsExactly("mx.example.org");

    assertThat(fetched).containsExactly(DOMAIN);
  }

  @Test
  void fetchesAgainWhenTheDnsTellsOfANewPolicy() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    policies().policy(DOMAIN);
    dns.close();
    dns = new TinyDns().txt("_mta-sts.example.org", "v=STSv1 ; x=y; id=2;");
    served = Optional.of(policy("new.example.org"));

    assertThat(hosts(policies().policy(DOMAIN))).containsExactly("new.example.org");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v=STSv2; id=1",
        "v=STSv1",
        "v=STSv1; id=",
        "v=STSv1; id=a b",
        "id=1; v=STSv1"
      })
  void aRecordThatIsNoneMeansNoPolicy(String record) throws Exception {
    dns.txt("_mta-sts.example.org", record);

    assertThat(policies().policy(DOMAIN)).isEmpty();
    assertThat(fetched).isEmpty();
  }

  @Test
  void twoRecordsAreAsGoodAsNone() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1").txt("_mta-sts.example.org", "v=STSv1; id=2");

    assertThat(policies().policy(DOMAIN)).isEmpty();
  }

  @Test
  void whatIsKeptCannotBeHidden() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    policies().policy(DOMAIN);
    dns.close();
    served = Optional.empty();

    dns = new TinyDns();
    assertThat(policies().policy(DOMAIN)).isPresent();
    dns.fails("_mta-sts.example.org", Rcode.SERVFAIL);
    assertThat(policies().policy(DOMAIN)).isPresent();
    dns.close();
    dns = new TinyDns().txt("_mta-sts.example.org", "v=STSv1; id=2");
    assertThat(hosts(policies().policy(DOMAIN))).containsExactly("mx.example.org");
  }

  @Test
  void whatIsKeptEnds() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    policies().policy(DOMAIN);
    served = Optional.empty();

    now = now.plus(Duration.ofDays(7));

    assertThat(policies().policy(DOMAIN)).isEmpty();
  }

  @Test
  void aHostThatHasNoneIsNotAskedForEachMail() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    served = Optional.empty();
    var policies = policies();

    policies.policy(DOMAIN);
    policies.policy(DOMAIN);
    assertThat(fetched).hasSize(1);
    now = now.plus(Duration.ofMinutes(5));
    policies.policy(DOMAIN);

    assertThat(fetched).hasSize(2);
  }

  @Test
  void whatIsServedButNoPolicyIsNotKept() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    served = Optional.of("<html>");

    assertThat(policies().policy(DOMAIN)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void renewsWhatIsKeptSoThatItDoesNotEnd() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    policies().policy(DOMAIN);
    policies().refresh();
    assertThat(fetched).hasSize(1);

    now = now.plus(Duration.ofDays(6));
    policies().refresh();
    served = Optional.empty();
    now = now.plus(Duration.ofDays(6));

    assertThat(fetched).hasSize(2);
    assertThat(policies().policy(DOMAIN)).isPresent();
  }

  private StsPolicies withKept(String... domains) throws Exception {
    var policies = policies();
    for (var domain : domains) {
      dns.txt("_mta-sts." + domain, "v=STSv1; id=1");
      policies.policy(domain);
    }
    fetched.clear();
    return policies;
  }

  @Test
  void aRoundOfRenewalsEndsAndTheNextGoesOn() throws Exception {
    var policies = withKept("a.example", "b.example", "c.example", "d.example");
    now = now.plus(Duration.ofDays(1));
    served = Optional.empty();
    fetchTakes = Duration.ofMinutes(1);

    policies.refresh();
    assertThat(fetched).containsExactly("a.example", "b.example");
    policies.refresh();

    assertThat(fetched).containsExactly("a.example", "b.example", "c.example", "d.example");
  }

  @Test
  void doesNotAskAgainAtOnceToRenew() throws Exception {
    var policies = withKept("a.example");
    now = now.plus(Duration.ofDays(1));
    served = Optional.empty();

    policies.refresh();
    policies.refresh();

    assertThat(fetched).containsExactly("a.example");
  }

  @Test
  void aPolicyOfADomainThatNobodyMailsEnds() throws Exception {
    var policies = withKept("mailed.example", "silent.example");
    for (int day = 1; day <= 40; day++) {
      now = now.plus(Duration.ofDays(1));
      policies.policy("mailed.example");
      policies.refresh();
    }

    assertThat(folder.toFile().list()).containsExactly("mailed.example.txt");
  }

  @Test
  void forgetsWhatHasEndedAndWhatIsDamaged() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    policies().policy(DOMAIN);
    Files.writeString(folder.resolve("damaged.example.txt"), "1\nyesterday\n" + policy("a.b"));
    Files.writeString(folder.resolve("short.example.txt"), "1");
    now = now.plus(Duration.ofDays(8));
    served = Optional.empty();

    policies().refresh();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void sweepsWhatACrashHasLeftHalfWritten() throws Exception {
    Files.writeString(folder.resolve("123.part"), "1\n2026");

    policies();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aDamagedFileIsFetchedAnew() throws Exception {
    dns.txt("_mta-sts.example.org", "v=STSv1; id=1");
    Files.writeString(folder.resolve("example.org.txt"), "1\n");

    assertThat(policies().policy(DOMAIN)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[127.0.0.1]", "../secret", "a/b", "", ".", "a\0b"})
  void whatIsNoDomainHasNoPolicy(String domain) throws Exception {
    assertThat(policies().policy(domain)).isEmpty();
    assertThat(fetched).isEmpty();
  }
}
