package io.postern.config;

import io.postern.mapping.LeavingSettings;
import io.postern.mapping.QuotaSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what keeps the incoming side from harm: {@code rejects} and the sections beside it. */
final class GateSections {
  private final Section file;

  GateSections(Section file) {
    this.file = file;
  }

  GateSettings read(GateSettings base) {
    var settings = blocklists(quotas(rejects(base)));
    settings = file.with(settings, "greylist", Values::yesOrNo, GateSettings::withGreylist);
    return file.sectionIfAny("filter")
        .flatMap(GateSections::filter)
        .map(settings::withFilter)
        .orElse(settings);
  }

  private GateSettings rejects(GateSettings base) {
    var section = file.section("rejects");
    var settings = section.with(base, "keep", Values::duration, GateSettings::withKeepRejects);
    section.refuseOthers();
    return settings;
  }

  private GateSettings quotas(GateSettings base) {
    var section = file.section("quota");
    var leaving = leaving(section.section("leaving"), base.leaving());
    var quota = quota(section, base.quota());
    section.refuseOthers();
    return base.withQuota(quota).withLeaving(leaving);
  }

  private static LeavingSettings leaving(Section section, LeavingSettings base) {
    var leaving =
        section.with(base, "mailsPerHour", Values::count, LeavingSettings::withMailsPerHour);
    leaving = section.with(leaving, "mailsPerDay", Values::count, LeavingSettings::withMailsPerDay);
    leaving =
        section.with(leaving, "octetsPerHour", Values::count, LeavingSettings::withOctetsPerHour);
    leaving =
        section.with(leaving, "octetsPerDay", Values::count, LeavingSettings::withOctetsPerDay);
    section.refuseOthers();
    return leaving;
  }

  private static QuotaSettings quota(Section section, QuotaSettings base) {
    var quota = section.with(base, "perPersonPerDay", Values::count, QuotaSettings::withPerPerson);
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
    return section.with(quota, "newPersonsPerDay", Values::count, QuotaSettings::withNewPersons);
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

  private static Optional<FilterSettings> filter(Section section) {
    var rspamd = section.value("rspamd", Values::httpUrl).map(FilterSettings.Rspamd::new);
    var words = new ArrayList<String>();
    for (var item : section.list("command", "for example [/usr/local/bin/filter, --json]")) {
      section.scalar("command", item, Values::line).ifPresent(words::add);
    }
    Optional<FilterSettings.Program> program =
        words.isEmpty()
            ? rspamd.map(FilterSettings.Program.class::cast)
            : Optional.of(new FilterSettings.Command(words));
    // After a mistake in it, the rest is read all the same.
    var settings =
        FilterSettings.of(program.orElseGet(() -> new FilterSettings.Command(List.of("none"))));
    settings = section.with(settings, "timeout", Values::duration, FilterSettings::withTimeout);
    settings =
        section.with(
            settings,
            "onFailure",
            Values.oneOf(FilterSettings.OnFailure.class),
            FilterSettings::withOnFailure);
    section.refuseOthers();
    if (section.has("rspamd") == section.has("command")) {
      section.wrong(" needs one of rspamd and command; write one, with its URL or its path");
    }
    return program.isPresent() ? Optional.of(settings) : Optional.empty();
  }
}
