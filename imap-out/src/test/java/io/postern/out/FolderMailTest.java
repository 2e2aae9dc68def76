package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderMailTest {
  private static FolderMail read(String header) throws MailException {
    var octets = (header + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    return FolderMail.read(octets, to -> to.domain().equals("bridge.example"));
  }

  @Test
  void goesToThoseOfToCcAndBccThatAreOursEachOnce() throws Exception {
    var sent =
        read(
            "From: bob@example.org\r\nTo: Alice <alice@bridge.example>, x@elsewhere.example\r\n"
                + "Cc: ALICE@bridge.example, carol@bridge.example\r\nBcc: dave@bridge.example");

    assertThat(sent.author()).contains(new Mailbox("bob", "example.org"));
    assertThat(sent.recipients().stream().map(Mailbox::localPart))
        .containsExactly("alice", "carol", "dave");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "From: bob@example.org, eve@example.org",
        "From: bob@example.org\r\nFrom: bob@example.org",
        "Sender: bob@example.org"
      })
  void hasNoAuthorUnlessOneAlone(String from) throws Exception {
    assertThat(read(from + "\r\nTo: alice@bridge.example").author()).isEmpty();
  }

  @Test
  void refusesMoreRecipientsThanAMailMayHave() {
    var all =
        IntStream.range(0, 101)
            .mapToObj(i -> "p" + i + "@bridge.example")
            .collect(Collectors.joining(",\r\n "));

    assertThatThrownBy(() -> read("From: bob@example.org\r\nTo: " + all).envelope())
        .hasMessageContaining("5.5.3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Return-Path: <eve@x.example>", "return-path: x", "Delivered-To: b"})
  void tellsWhatWasDeliveredFromWhatWasPutThere(String field) throws Exception {
    var own = read("From: bob@example.org\r\nTo: a@bridge.example");
    var delivered = read(field + "\r\nFrom: bob@example.org\r\nTo: a@bridge.example");

    assertThat(own.delivered()).isFalse();
    assertThat(delivered.delivered()).isTrue();
    for (var mail : List.of(own, delivered)) {
      assertThat(mail.envelope().reversePath()).contains(new Mailbox("bob", "example.org"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"<>", "", " <> "})
  void aReportIsNobodys(String path) throws Exception {
    var mail =
        read(
            ("Return-Path: " + path + "\r\nReceived: by x\r\nReturn-Path: <bob@example.org>\r\n")
                + "To: a@bridge.example");

    assertThat(mail.delivered()).isTrue();
    assertThat(mail.envelope().reversePath()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"X-A: b", "Return-Path: <eve@x.example>", "From: a@x.example, b@x.example"})
  void whatNobodyAloneHasWrittenGoesNowhere(String field) throws Exception {
    var mail = read(field + "\r\nTo: a@bridge.example");

    assertThatThrownBy(mail::envelope).hasMessageContaining("5.6.0");
  }
}
