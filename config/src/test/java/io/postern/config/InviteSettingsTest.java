package io.postern.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import java.util.List;
import org.junit.jupiter.api.Test;

class InviteSettingsTest {
  private static final Mailbox BOB = new Mailbox("bob", "corp.example");
  private static final Mailbox CAROL = new Mailbox("carol", "example.org");

  private static InviteSettings settings(Invite policy) throws Exception {
    return new InviteSettings(policy, List.of(AddressPattern.parse("*@corp.example")), 10, 100);
  }

  @Test
  void whereItIsClosedNobodyMayBeAskedWhoeverIsListed() throws Exception {
    assertFalse(settings(Invite.CLOSED).allows(BOB));
  }

  @Test
  void whereItIsListedOnlyWhoIsListed() throws Exception {
    assertTrue(settings(Invite.LISTED).allows(BOB));
    assertTrue(settings(Invite.LISTED).allows(new Mailbox("BOB", "CORP.example")));
    assertFalse(settings(Invite.LISTED).allows(CAROL));
  }

  @Test
  void whereItIsOpenEverybody() throws Exception {
    assertTrue(settings(Invite.OPEN).allows(CAROL));
  }
}
