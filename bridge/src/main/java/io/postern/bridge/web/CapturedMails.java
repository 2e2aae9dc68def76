package io.postern.bridge.web;

import io.postern.out.Capture;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Objects;

/**
 * What the page needs to show captured mails and to let somebody answer them. Exists only with
 * {@code deliver: capture}.
 *
 * @param smtp where the SMTP listener can be reached on the loopback: answers enter there like any
 *     mail
 * @param clock dates the answers
 */
public record CapturedMails(Capture capture, InetSocketAddress smtp, InstantSource clock) {
  /**
   * @throws IllegalArgumentException if SMTP is to be spoken with another machine, in the clear
   */
  public CapturedMails {
    Objects.requireNonNull(capture, "capture");
    Objects.requireNonNull(clock, "clock");
    if (smtp.isUnresolved() || !smtp.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException("answers enter through the loopback, not by " + smtp);
    }
  }
}
