package io.postern.out;

import java.io.IOException;

/** The port by which policies of MTA-STS are fetched. RFC 8461 §3.3. */
interface StsSource {
  /**
   * The text that a domain serves as its policy.
   *
   * @param domain in ASCII
   * @throws IOException with the reason in words for the log, if there is none, or none from a host
   *     that has proved to be the domain's
   */
  String fetch(String domain) throws IOException;
}
