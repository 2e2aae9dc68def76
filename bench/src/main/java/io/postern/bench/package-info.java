/**
 * Measures the daemon, its client and its node under load: {@link io.postern.bench.LoadDriver} as a
 * whole, {@code io.postern.bench.jmh} part by part. Asserts nothing. docs/performance.md
 */
package io.postern.bench;
