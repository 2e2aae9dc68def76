package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientDataTest {
  private static final String GOOD =
      "{\"type\":\"webauthn.get\",\"challenge\":\"c-_9\",\"origin\":\"https://example.org\",\"crossOrigin\":false}";

  @Test
  void saysOriginAndChallenge() throws Exception {
    assertThat(read(GOOD)).isEqualTo(new ClientData("https://example.org", "c-_9"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"origin\":\"o\",\"challenge\":\"c\"}",
        " \t\r\n{ \"challenge\" : \"c\" , \"origin\" : \"o\" } \n",
        "[\"o\",\"c\"]",
        "[ \"o\" , \"c\" ]",
        "{\"\\u006frigin\":\"\\u006f\",\"challeng\\u0065\":\"\\u0063\"}",
        "{\"a\":1,\"a\":2,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":[],\"b\":{},\"c\":[[],{}],\"d\":{\"e\":[1,{\"f\":null}]},\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"origin\":\"o\",\"a\":[-0,0.5,1e9,1E+9,-1.5e-3,120],\"challenge\":\"c\"}",
        "{\"origin\":\"o\",\"a\":\"\\ud800 \\\\ \\\" \\/ \\b\\f\\n\\r\\t\",\"challenge\":\"c\"}",
        "{\"origin\":\"o\",\"a\":[true,false,null],\"challenge\":\"c\"}",
        "{\"a\":{\"origin\":\"x\",\"origin\":\"y\"},\"origin\":\"o\",\"challenge\":\"c\"}"
      })
  void readsWhateverIsJson(String json) throws Exception {
    assertThat(read(json)).isEqualTo(new ClientData("o", "c"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "\"origin\"",
        "[]",
        "[\"o\"]",
        "[\"o\",\"c\",\"x\"]",
        "[\"o\",\"c\",]",
        "{}",
        "{\"origin\":\"o\"}",
        "{\"challenge\":\"c\"}",
        "{\"origin\":null,\"challenge\":\"c\"}",
        "{\"origin\":1,\"challenge\":\"c\"}",
        "{\"origin\":\"o\",\"challenge\":[\"c\"]}",
        "{\"origin\":\"o\",\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"Origin\":\"o\",\"challenge\":\"c\"}",
        "{\"origin\":\"o\",\"challenge\":\"c\",}",
        "{\"origin\":\"o\" \"challenge\":\"c\"}",
        "{\"origin\":\"o\",\"challenge\":\"c\"}x",
        "{\"origin\":\"o\",\"challenge\":\"c\"}{}",
        "\uFEFF{\"origin\":\"o\",\"challenge\":\"c\"}",
        "{'origin':'o','challenge':'c'}",
        "{origin:\"o\",\"challenge\":\"c\"}",
        "{\"a\":01,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":1.,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":.5,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":+1,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":-,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":1e,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":tru,\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":[1,],\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":[1}, \"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":{\"b\"},\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":\"\\x\",\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":\"\\u12g4\",\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"a\":\"\n\",\"origin\":\"o\",\"challenge\":\"c\"}",
        "{\"origin\":\"\\ud800\",\"challenge\":\"c\"}",
        "{\"origin\":\"\\udc00\",\"challenge\":\"c\"}",
        "{\"origin\":\"\\ud800\\u0041\",\"challenge\":\"c\"}",
        "{\"origin\":\"o\u0001\",\"challenge\":\"c\"}"
      })
  void refusesWhatOtherClientsRefuse(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IdentityException.class)
        .hasMessage("client_data is invalid");
  }

  @Test
  void readsEscapedAndRawText() throws Exception {
    assertThat(read("{\"origin\":\"é\\ud83d\\ude00\\u00e9\\n😀\",\"challenge\":\"\"}"))
        .isEqualTo(new ClientData("é😀é\n😀", ""));
  }

  @Test
  void wantsUtf8OnlyWhereItReads() throws Exception {
    assertThat(ClientData.read(withOctet("{\"a\":\"", "\",\"origin\":\"o\",\"challenge\":\"c\"}")))
        .isEqualTo(new ClientData("o", "c"));
    assertThatThrownBy(
            () -> ClientData.read(withOctet("{\"origin\":\"", "\",\"challenge\":\"c\"}")))
        .isInstanceOf(IdentityException.class);
    assertThatThrownBy(
            () -> ClientData.read(withOctet("{\"", "\":1,\"origin\":\"o\",\"challenge\":\"c\"}")))
        .isInstanceOf(IdentityException.class);
  }

  @Test
  void readsAnyDepthWithoutAStack() throws Exception {
    int depth = 200_000;
    var deep = "[".repeat(depth) + "]".repeat(depth);

    assertThat(read("{\"a\":" + deep + ",\"origin\":\"o\",\"challenge\":\"c\"}"))
        .isEqualTo(new ClientData("o", "c"));
  }

  @Test
  void refusesEachTruncation() {
    var octets = GOOD.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < octets.length; i++) {
      int length = i;
      assertThatThrownBy(() -> ClientData.read(Arrays.copyOf(octets, length)))
          .isInstanceOf(IdentityException.class);
    }
  }

  @Test
  void meetsRandomOctetsWithItsOwnException() {
    var random = new SplittableRandom(3);
    for (int i = 0; i < 20_000; i++) {
      var octets = GOOD.getBytes(StandardCharsets.UTF_8);
      var likely = "{}[]\",:\\u019e-t\u0080 ";
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        octets[random.nextInt(octets.length)] =
            (byte) likely.charAt(random.nextInt(likely.length()));
      }
      try {
        assertThat(ClientData.read(octets).challenge()).isNotNull();
      } catch (IdentityException refused) {
        assertThat(refused.error()).isEqualTo(IdentityError.SIGNATURE);
      }
    }
  }

  private static byte[] withOctet(String before, String after) {
    var octets = new ByteArrayOutputStream();
    octets.writeBytes(before.getBytes(StandardCharsets.UTF_8));
    octets.write(0xff);
    octets.writeBytes(after.getBytes(StandardCharsets.UTF_8));
    return octets.toByteArray();
  }

  private static ClientData read(String json) throws IdentityException {
    return ClientData.read(json.getBytes(StandardCharsets.UTF_8));
  }
}
