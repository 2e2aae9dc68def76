package io.postern.bridge;

import io.postern.interop.Exim;
import io.postern.interop.MailServer;
import io.postern.interop.TestAuthority;
import java.util.List;

/** Exim on the other side. */
class EximInteropIT extends MailServerJourneys {
  @Override
  MailServer start(TestAuthority authority, List<MailServer.Relay> relays) throws Exception {
    return Exim.start(authority, relays);
  }
}
