package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.ConfigException;
import io.postern.config.ConfigReader;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that names the configuration; without it the local profile counts. */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration; without it, everything stays on this machine.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The data folder of the local profile; ./data by default.")
  private Path data = Path.of("./data");

  Config read() throws ConfigException {
    return file.isPresent() ? ConfigReader.read(file.get()) : Config.localProfile(data);
  }
}
