package io.postern.bridge;

import static io.postern.bridge.CarriedMail.ALICE;
import static io.postern.bridge.CarriedMail.BOB;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mapping.MailToContent;
import io.postern.mapping.Translation;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.network.GroupId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages are the same whether they are held or made again. */
class MessagePartsTest {
  private static final GroupId GROUP = GroupId.parse("ab".repeat(16));

  @TempDir Path folder;
  private CarriedMail world;
  private Arrival arrival;

  /** How often each part was made. */
  private int[] makings;

  @BeforeEach
  void open() throws Exception {
    world = new CarriedMail(folder);
    world.arrive(BOB, "one", List.of(ALICE));
    arrival = world.arrivals.read(world.spool.due(Instant.MAX, 1).get(0));
  }

  @AfterEach
  void close() throws Exception {
    arrival.close();
    world.close();
  }

  private MessageParts parts(int... sizes) throws Exception {
    makings = new int[sizes.length];
    var parts =
        new AbstractList<MailToContent.Part>() {
          @Override
          public MailToContent.Part get(int i) {
            makings[i]++;
            return new MailToContent.Part(new Text("x".repeat(sizes[i])), true);
          }

          @Override
          public int size() {
            return sizes.length;
          }
        };
    return new MessageParts(arrival, ALICE, GROUP, parts);
  }

  @Test
  void smallOnesAreMadeOnce() throws Exception {
    var parts = parts(10, 1000, 300_000);

    for (int i = 0; i < 3; i++) {
      assertThat(parts.message(i)).isSameAs(parts.message(i));
      assertThat(parts.rows().get(i)).isSameAs(parts.rows().get(i));
      parts.message(0);
    }
    assertThat(makings).containsExactly(1, 1, 1);
  }

  @Test
  void ofTheLargeOnesOneIsHeldAndNoneIsMadeTwiceForItsRowAndItself() throws Exception {
    var parts = parts(10, 400_000, 400_000, 10, 400_000);
    assertThat(makings).containsExactly(1, 1, 1, 1, 1);

    for (int i = 0; i < 5; i++) {
      var row = parts.rows().get(i);
      var message = parts.message(i);
      assertThat(message).isSameAs(parts.message(i));
      assertThat(row.octets()).isEqualTo(message.envelope().content().toByteArray());
      assertThat(row.part()).isEqualTo(i);
    }

    assertThat(makings).containsExactly(1, 1, 2, 2, 2);

    var third = parts.message(2);
    parts.message(4);
    assertThat(parts.message(2)).isNotSameAs(third).isEqualTo(third);
    assertThat(makings).containsExactly(1, 1, 4, 2, 3);
    assertThat(parts.rows()).extracting(Translation::messageId).isEqualTo(parts.ids());
  }
}
