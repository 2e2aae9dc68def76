package io.postern.config;

import io.postern.mapping.QuotaSettings;
import java.util.ArrayList;

/** Reads what keeps the incoming side from harm: {@code rejects} and the sections beside it. */
final class GateSections {
  private final Section file;

  GateSections(Section file) {
    this.file = file;
  }

  GateSettings read(GateSettings base) {
    var settings = blocklists(rejects(base).withQuota(quota(base.quota())));
    return file.with(settings, "greylist", Values::yesOrNo, GateSettings::withGreylist);
  }

  private GateSettings rejects(GateSettings base) {
    var section = file.section("rejects");
    var settings = section.with(base, "keep", Values::duration, GateSettings::withKeepRejects);
    section.refuseOthers();
    return settings;
  }

  private QuotaSettings quota(QuotaSettings base) {
    var section = file.section("quota");
    var quota =
        section.with(base, "perPersonPerDay", Values::count, QuotaSettings::withPerPerson);
    quota =
        section.with(
            quota,
            "newPersonsPerNetworkPerDay",
            Values::count,
            QuotaSettings::withNewPersonsPerNetwork);
    quota =
        section.with(
            quota,
            "newPersonsPerDomainPerDay",
            Values::count,
            QuotaSettings::withNewPersonsPerDomain);
    quota = section.with(quota, "newPersonsPerDay", Values::count, QuotaSettings::withNewPersons);
    section.refuseOthers();
    return quota;
  }

  private GateSettings blocklists(GateSettings base) {
    var lists = new ArrayList<String>();
    for (var item : file.list("dnsbl", "for example [zen.example.org]")) {
      file.scalar("dnsbl", item, Values::domain).ifPresent(lists::add);
    }
    try {
      return base.withBlocklists(lists);
    } catch (IllegalArgumentException tooMany) {
      file.wrong("dnsbl", tooMany.getMessage());
      return base;
    }
  }
}
