package io.postern.bridge;

import io.postern.interop.MailServer;
import io.postern.interop.Postfix;
import io.postern.interop.TestAuthority;
import java.util.List;

/** Postfix on the other side. */
class PostfixInteropIT extends MailServerJourneys {
  @Override
  MailServer start(TestAuthority authority, List<MailServer.Relay> relays) throws Exception {
    return Postfix.start(authority, relays);
  }
}
