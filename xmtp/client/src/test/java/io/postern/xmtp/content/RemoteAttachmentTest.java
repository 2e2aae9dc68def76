package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.EncodedContent;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteAttachmentTest {
  private static RemoteAttachment at(String url) {
    return new RemoteAttachment(
        url, "", Octets.NONE, Octets.NONE, Octets.NONE, "", OptionalLong.empty(), Optional.empty());
  }

  private static Content received(String parameter, String value) {
    return ContentCodec.decode(
        EncodedContent.newBuilder()
            .setType(
                io.postern.xmtp.proto.mls.ContentTypeId.newBuilder()
                    .setTypeId("remoteStaticAttachment")
                    .setVersionMajor(1))
            .putParameters(parameter, value)
            .setContent(ByteString.copyFromUtf8("https://files.example/x"))
            .build()
            .toByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://files.example/x?y#z", "HTTPS://1.2.3.4:8443/", "https://h"})
  void isFetchedOverHttps(String url) {
    assertThat(at(url).httpsUrl()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "http://files.example/x",
        "file:///etc/passwd",
        "https:///x",
        "https:files.example",
        "https://user:password@files.example/",
        "https://user@files.example/",
        "https://files.example/ x",
        "https://files.example/\r\nHost: x",
        "//files.example/x",
      })
  void isFetchedOverNothingElse(String url) {
    assertThat(at(url).httpsUrl()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "null", "", "4294967296", "99999999999999999999999", "1.0", "0x1"})
  void hasAnUnknownLengthUnlessItIsANumberOf32Bits(String length) {
    assertThat(((RemoteAttachment) received("contentLength", length)).contentLength()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "+5", "0005", "+00000000000000000005"})
  void readsALengthAsRustDoes(String length) {
    assertThat(((RemoteAttachment) received("contentLength", length)).contentLength()).hasValue(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "zz", "0x0", " 00", "0X00", "٣٣"})
  void isUnknownContentWithAKeyThatIsNotHexadecimal(String key) {
    assertThat(received("secret", key)).isInstanceOf(UnknownContent.class);
    assertThat(((UnknownContent) received("secret", key)).reason()).doesNotContain(key);
  }

  @Test
  void hasNoNameThatIsEmptyOrTheWordNull() {
    assertThat(((RemoteAttachment) received("filename", "")).filename()).isEmpty();
    assertThat(((RemoteAttachment) received("filename", "null")).filename()).isEmpty();
    assertThat(((RemoteAttachment) received("filename", "null")).safeFilename()).isEqualTo("file");
  }
}
