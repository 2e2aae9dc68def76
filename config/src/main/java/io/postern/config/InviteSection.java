package io.postern.config;

import io.postern.mapping.AddressPattern;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code invite} and what stands beside it. */
final class InviteSection {
  private final Section file;

  InviteSection(Section file) {
    this.file = file;
  }

  /**
   * @param base what holds where the file says nothing
   */
  InviteSettings read(InviteSettings base) {
    var policy = file.value("invite", Values.oneOf(Invite.class)).orElse(base.policy());
    var items = file.list("inviteTo", "for example [\"*@corp.example\"]");
    if (policy == Invite.LISTED && items.isEmpty()) {
      file.wrong(
          "invite",
          "invite is listed, but nobody is; write inviteTo: [\"*@corp.example\"] beside it,"
              + " or invite: closed");
    }
    List<AddressPattern> to = new ArrayList<>();
    for (var item : items) {
      file.scalar("inviteTo", item, Values::pattern).ifPresent(to::add);
    }
    var settings = new InviteSettings(policy, to, base.perDay(), base.perDayInAll());
    settings = file.with(settings, "invitesPerDay", Values::count, InviteSettings::withPerDay);
    return file.with(
        settings, "invitesPerDayInAll", Values::count, InviteSettings::withPerDayInAll);
  }
}
