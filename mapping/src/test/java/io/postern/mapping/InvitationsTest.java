package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class InvitationsTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final Mailbox CAROL = mailbox("carol@example.org");
  private static final InboxId ALICE = new InboxId("a1".repeat(32));
  private static final InboxId MALLORY = new InboxId("bad0".repeat(16));

  @TempDir Path folder;
  private MappingDatabase database;
  private Invitations invitations;
  private ToldPeers told;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    invitations = new Invitations(database.jdbi());
    told = new ToldPeers(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Invitation add(Mailbox person, InboxId peer, Instant at) {
    var invitation = new Invitation(person, peer, at);
    database.jdbi().useTransaction(handle -> invitations.add(handle, invitation));
    return invitation;
  }

  private Optional<Invitation> find(Mailbox person, InboxId peer) {
    return database.jdbi().withHandle(handle -> invitations.find(handle, person, peer));
  }

  @Test
  void aRequestIsFoundByItsPair() {
    var invitation = add(BOB, ALICE, T0);

    assertThat(find(BOB, ALICE)).contains(invitation);
    assertThat(find(BOB, MALLORY)).isEmpty();
  }

  @Test
  void thereIsOneForAPair() {
    add(BOB, ALICE, T0);

    assertThatThrownBy(() -> add(mailbox("Bob@Example.ORG"), ALICE, T0))
        .isInstanceOf(JdbiException.class);
  }

  @Test
  void countsThoseOfADayByPeerByPersonAndInAll() {
    add(BOB, ALICE, T0.minus(Duration.ofDays(1)));
    add(CAROL, ALICE, T0);
    add(CAROL, MALLORY, T0);

    var count =
        database
            .jdbi()
            .withHandle(h -> invitations.count(h, BOB, ALICE, T0.minus(Duration.ofDays(1))));

    assertThat(count).isEqualTo(new Invitations.Count(1, 0, 2));
  }

  private boolean tell(InboxId peer, Matter matter) {
    return database.jdbi().inTransaction(h -> told.first(h, BOB, peer, matter, T0));
  }

  @Test
  void eachMatterIsToldOnce() {
    assertThat(tell(ALICE, Matter.CLOSED)).isTrue();

    assertThat(tell(ALICE, Matter.CLOSED)).isFalse();
    assertThat(tell(ALICE, Matter.LIMIT)).isTrue();
    assertThat(tell(MALLORY, Matter.CLOSED)).isTrue();
  }

  @Test
  void whatWasToldIsForgottenInTime() {
    tell(ALICE, Matter.CLOSED);

    assertThat(told.expire(T0)).isZero();
    assertThat(told.expire(T0.plusSeconds(1))).isEqualTo(1);

    assertThat(tell(ALICE, Matter.CLOSED)).isTrue();
  }
}
