package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class RunningDaemonTest {
  private static String name(String address, int port) throws Exception {
    return new RunningDaemon(new InetSocketAddress(InetAddress.getByName(address), port))
        .toString();
  }

  /** The names by which the status page answers. */
  @Test
  void askedByTheNameToWhichItAnswers() throws Exception {
    assertThat(name("127.0.0.1", 8025)).isEqualTo("http://127.0.0.1:8025");
    assertThat(name("::1", 8025)).isEqualTo("http://[::1]:8025");
    assertThat(name("127.0.0.2", 80)).isEqualTo("http://127.0.0.2");
  }
}
