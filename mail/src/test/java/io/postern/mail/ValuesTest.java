package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.auth.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValuesTest {
  private static final Mailbox BOB = new Mailbox("bob", "mail.example");

  @Test
  void anEnvelopeHasARecipient() {
    assertThatThrownBy(() -> Envelope.of(BOB, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Envelope.fromNobody(List.of(BOB)).reversePath()).isEmpty();
  }

  @Test
  void aDeliveryHasAStatusOfItsClass() {
    assertThatThrownBy(() -> new Delivery.Deferred("5.1.1", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Delivery.Refused("4.1.1", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Delivery.Refused("nonsense", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new Delivery.Deferred("4.2.1", "busy").retryAfter()).isEmpty();
  }

  @Test
  void acceptedMailIsNotChangedFromOutside() {
    var octets = new byte[] {1, 2};
    var received = new Received(Instant.EPOCH, "192.0.2.1", "mail.example", true, Verdict.none());
    var mail = new AcceptedMail(Envelope.of(BOB, List.of(BOB)), octets, received);

    octets[0] = 9;
    mail.octets()[1] = 9;

    assertThat(mail.octets()).containsExactly(1, 2);
    assertThat(mail).isEqualTo(new AcceptedMail(mail.envelope(), new byte[] {1, 2}, received));
    assertThat(mail.toString()).contains("2 octets");
  }

  @Test
  void aFileHasACleanNameAndType() {
    assertThat(Attachment.of("..\\evil/..", "x", new byte[0]).filename()).isEqualTo("file");
    assertThat(Attachment.of("a/b.txt", "Text/Plain; charset=x", new byte[0]).mediaType())
        .isEqualTo("text/plain");
    assertThat(Attachment.of("a", "no type", new byte[0]).mediaType())
        .isEqualTo("application/octet-stream");
    var name = Attachment.of("日".repeat(100) + ".pdf", "application/pdf", new byte[0]).filename();
    assertThat(name).endsWith("日.pdf");
    assertThat(name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(150);
  }

  @Test
  void aChainKeepsItsRootAndTheLastNine() {
    var root = new MailId("<c-root@bridge.example>");
    var ofParent = new ArrayList<MailId>();
    ofParent.add(root);
    for (int i = 0; i < 20; i++) {
      ofParent.add(new MailId("<" + i + "@x>"));
    }

    var chain = ReferenceChain.answering(root, ofParent, new MailId("<parent@x>"));

    assertThat(chain).hasSize(10).startsWith(root).endsWith(new MailId("<parent@x>"));
    assertThat(chain.get(1)).isEqualTo(new MailId("<12@x>"));
    assertThat(ReferenceChain.answering(root, List.of(), root)).containsExactly(root);
  }
}
