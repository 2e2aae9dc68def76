package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.QuotaSettings;
import io.postern.mapping.QuotaStore;
import io.postern.out.PublicAddress;
import io.postern.smtp.MailJudge.Author;
import io.postern.smtp.MailJudge.Judgement;
import io.postern.smtp.MailJudge.Refused;
import io.postern.smtp.MailJudge.Taken;
import io.postern.xmtp.identity.InboxId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnEachDatabase
class QuotasTest {
  private static final String CLIENT = "8.8.8.8";

  private final TestClock clock = new TestClock();
  private TestStore store;
  private int mails;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Judgement mail(QuotaSettings settings, String client, String person) throws Exception {
    return again(settings, client, person, "mail " + ++mails);
  }

  private Judgement again(QuotaSettings settings, String client, String person, String mail)
      throws Exception {
    var author =
        new Author(Mailbox.parse(person), person.replaceFirst(".*[@.](\\w+\\.\\w+)$", "$1"));
    var quotas =
        new Quotas(
            new QuotaStore(store.jdbi()),
            settings,
            new BindingStore(store.jdbi()),
            PublicAddress::isPublic,
            clock);
    var soFar = new Taken(Verdict.of(author.organization()), Optional.of(author));
    return quotas.check(InetAddress.getByName(client), author, mail, soFar);
  }

  private static void assertLater(Judgement judgement, String words) {
    assertThat(judgement)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.reply().code()).isEqualTo(451);
              assertThat(refused.reply().status()).isEqualTo("4.7.1");
              assertThat(refused.reply().lines().get(0)).contains(words);
            });
  }

  @Test
  void aPersonSendsSoManyMailsOnADay() throws Exception {
    var settings = QuotaSettings.defaults().withPerPerson(2);
    mail(settings, CLIENT, "bob@example.org");
    mail(settings, CLIENT, "Bob@example.org");

    assertLater(
        mail(settings, CLIENT, "bob@example.org"),
        "No more mails of bob@example.org than 2 are taken in one day; try again after 2026-03-02"
            + " 00:00 UTC");
    assertThat(mail(settings, CLIENT, "carol@example.org")).isInstanceOf(Taken.class);
    clock.goOn(Duration.ofHours(12));
    assertThat(mail(settings, CLIENT, "bob@example.org")).isInstanceOf(Taken.class);
  }

  @Test
  void aMailThatComesAgainCountsOnce() throws Exception {
    var settings = QuotaSettings.defaults().withPerPerson(1);
    again(settings, CLIENT, "bob@example.org", "x");

    assertThat(again(settings, CLIENT, "bob@example.org", "x")).isInstanceOf(Taken.class);
    assertLater(again(settings, CLIENT, "bob@example.org", "y"), "No more mails");
  }

  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, 8.8.8.200, 8.8.9.8",
    "2600:1:2:3::1, 2600:1:2:ffff::1, 2600:1:3:3::1",
  })
  void aNetworkBringsSoManyNewPeople(String client, String neighbour, String other)
      throws Exception {
    var settings = QuotaSettings.defaults().withNewPersonsPerNetwork(1);
    mail(settings, client, "bob@one.example");

    assertLater(mail(settings, neighbour, "carol@two.example"), "new people from ");
    assertThat(mail(settings, neighbour, "bob@one.example")).isInstanceOf(Taken.class);
    assertThat(mail(settings, other, "carol@two.example")).isInstanceOf(Taken.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "10.1.2.3", "fd00::1"})
  void aRelayOfOnesOwnIsNoNetworkOfStrangers(String client) throws Exception {
    var settings = QuotaSettings.defaults().withNewPersonsPerNetwork(1);
    mail(settings, client, "bob@one.example");

    assertThat(mail(settings, client, "carol@two.example")).isInstanceOf(Taken.class);
  }

  @Test
  void anOrganizationBringsSoManyNewPeople() throws Exception {
    var settings = QuotaSettings.defaults().withNewPersonsPerDomain(1);
    mail(settings, CLIENT, "bob@a.spam.example");

    assertLater(
        mail(settings, CLIENT, "carol@b.spam.example"), "No more new people of spam.example");
    assertThat(mail(settings, CLIENT, "carol@other.example")).isInstanceOf(Taken.class);
  }

  @Test
  void soManyNewPeopleComeInAll() throws Exception {
    var settings = QuotaSettings.defaults().withNewPersons(1);
    mail(settings, CLIENT, "bob@one.example");

    assertLater(mail(settings, "9.9.9.9", "carol@two.example"), "No more new people than 1");
  }

  @Test
  void whoHasAnInboxIsNotTouchedByWhatNewPeopleUseUp() throws Exception {
    var settings = QuotaSettings.defaults().withNewPersons(1);
    mail(settings, CLIENT, "bob@one.example");
    new BindingStore(store.jdbi())
        .add(
            new Binding.Hosted(
                new Mailbox("carol", "two.example"),
                new InboxId("1".repeat(64)),
                0,
                clock.instant()));

    assertThat(mail(settings, CLIENT, "Carol@two.example")).isInstanceOf(Taken.class);
    assertLater(mail(settings, CLIENT, "dave@two.example"), "new people");
  }

  @Test
  void whoIsPutOffIsNotCounted() throws Exception {
    var full = QuotaSettings.defaults().withNewPersons(1).withPerPerson(1);
    mail(full, CLIENT, "bob@one.example");
    again(full, CLIENT, "carol@one.example", "x");
    again(full, CLIENT, "carol@one.example", "y");

    var wider = full.withNewPersons(2);
    assertThat(again(wider, CLIENT, "carol@one.example", "x")).isInstanceOf(Taken.class);
    assertLater(again(wider, CLIENT, "carol@one.example", "y"), "mails of carol");
  }
}
