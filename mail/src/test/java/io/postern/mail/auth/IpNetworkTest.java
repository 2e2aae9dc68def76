package io.postern.mail.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpNetworkTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.2, false",
    "192.0.2.128/25, 192.0.2.127, false",
    "0.0.0.0/0, 203.0.113.1, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "fd00::/8, fdff::1, true",
    "fd00::/8, fe00::1, false",
    "::/0, 203.0.113.1, false",
    "2001:db8::1, 2001:db8::1, true",
  })
  void saysWhichAddressesAreOfIt(String network, String address, boolean isOfIt) throws Exception {
    var parsed = IpNetwork.parse(network).orElseThrow();

    assertEquals(isOfIt, parsed.contains(InetAddress.getByName(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.1/8",
        "10.0.0/8",
        "10.0.0.0.0/8",
        "fd00::/129",
        "fd00::1/8",
        "lb.example.org",
        "localhost",
        "10.0.0.0/8 ",
        "fe80::1%lo"
      })
  void refusesWhatIsNoNetwork(String text) {
    assertEquals(Optional.empty(), IpNetwork.parse(text));
  }

  @Test
  void anAddressIsNoName() throws Exception {
    assertEquals(
        Optional.of(InetAddress.getByName("192.0.2.1")), IpNetwork.parseAddress("192.0.2.1"));
    assertEquals(
        Optional.of(InetAddress.getByName("2001:db8::1")), IpNetwork.parseAddress("2001:db8::1"));
    assertEquals(Optional.empty(), IpNetwork.parseAddress("localhost"));
    assertEquals(Optional.empty(), IpNetwork.parseAddress("192.0.2.0/24"));
  }

  @Test
  void equalsWhatIsTheSameNetwork() {
    var network = IpNetwork.parse("10.0.0.0/8").orElseThrow();

    assertEquals(network, IpNetwork.parse("10.0.0.0/8").orElseThrow());
    assertEquals(network.hashCode(), IpNetwork.parse("10.0.0.0/8").orElseThrow().hashCode());
    assertFalse(network.equals(IpNetwork.parse("10.0.0.0/9").orElseThrow()));
    assertTrue(network.toString().equals("10.0.0.0/8"));
  }
}
