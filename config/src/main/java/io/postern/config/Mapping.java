package io.postern.config;

import io.postern.mapping.MappingRule;
import io.postern.out.Deliver;
import java.util.Optional;

/**
 * One entry of {@code mappings}.
 *
 * @param deliver how mail to this hosted person leaves; empty: as the setting {@code deliver} says
 * @param receive the folder in which this hosted person puts mail to peers
 */
public record Mapping(MappingRule rule, Optional<Deliver> deliver, Optional<Deliver.Imap> receive) {
  /** Without such a folder. */
  public Mapping(MappingRule rule, Optional<Deliver> deliver) {
    this(rule, deliver, Optional.empty());
  }
}
