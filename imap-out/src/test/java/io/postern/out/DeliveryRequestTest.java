package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Mailbox;
import org.junit.jupiter.api.Test;

/** RFC 3461 §4: xtext stands for printable ASCII. */
class DeliveryRequestTest {
  @Test
  void namesTheReturnPathAndTheRecipient() {
    var path = new Mailbox("b+1=2", "bridge.example");

    assertThat(DeliveryRequest.ofMail(path)).isEqualTo(" RET=HDRS ENVID=b+2B1+3D2@bridge.example");
    assertThat(DeliveryRequest.ofRecipient(path))
        .endsWith(" ORCPT=rfc822;b+2B1+3D2@bridge.example");
  }

  @Test
  void namesNoAddressInUtf8() {
    var utf8 = new Mailbox("jürgen", "example.org");

    assertThat(DeliveryRequest.ofMail(utf8)).isEqualTo(" RET=HDRS");
    assertThat(DeliveryRequest.ofRecipient(utf8)).isEqualTo(" NOTIFY=FAILURE,DELAY");
  }
}
