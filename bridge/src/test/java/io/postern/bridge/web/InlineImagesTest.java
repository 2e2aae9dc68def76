package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Attachment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InlineImagesTest {
  private static Attachment image(String mediaType, int size) {
    return new Attachment("a", mediaType, Optional.of("A$1@x"), true, new byte[size]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cid:A$1@x", "CID:a$1@X", "cid:A$1%40x"})
  void putsAPictureInThePlaceOfItsReference(String reference) {
    var html = "<img src=\"" + reference + "\">";

    var embedded = InlineImages.embed(html, List.of(image("image/png", 3)));

    assertThat(embedded).isEqualTo("<img src=\"data:image/png;base64,AAAA\">");
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/svg+xml", "text/html", "application/octet-stream"})
  void putsNothingInThatIsNoPlainPicture(String mediaType) {
    var html = "<img src=cid:A$1@x>";

    assertThat(InlineImages.embed(html, List.of(image(mediaType, 3)))).isEqualTo(html);
  }

  @Test
  void leavesReferencesToNothingAsTheyAre() {
    var html = "<img src='cid:other@x'> and acid:A$1@x";

    assertThat(InlineImages.embed(html, List.of(image("image/png", 3)))).isEqualTo(html);
  }

  @Test
  void doesNotGrowWithoutEnd() {
    var html = "<img src=cid:A$1@x>".repeat(1000);

    var embedded = InlineImages.embed(html, List.of(image("image/png", 1 << 20)));

    assertThat(embedded.split("data:image", -1)).hasSize(17);
    assertThat(embedded.split("cid:", -1)).hasSize(985);
  }
}
