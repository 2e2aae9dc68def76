package io.postern.config;

import io.postern.mapping.MappingRule;
import io.postern.out.Deliver;
import java.util.Optional;

/**
 * One entry of {@code mappings}.
 *
 * @param deliver how mail to this hosted person leaves; empty: as the setting {@code deliver} says
 */
public record Mapping(MappingRule rule, Optional<Deliver> deliver) {}
