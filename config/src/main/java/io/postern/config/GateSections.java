package io.postern.config;

/** Reads what keeps the incoming side from harm: {@code rejects} and the sections beside it. */
final class GateSections {
  private final Section file;

  GateSections(Section file) {
    this.file = file;
  }

  GateSettings read(GateSettings base) {
    return rejects(base);
  }

  private GateSettings rejects(GateSettings base) {
    var section = file.section("rejects");
    var settings = section.with(base, "keep", Values::duration, GateSettings::withKeepRejects);
    section.refuseOthers();
    return settings;
  }
}
