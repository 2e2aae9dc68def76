/**
 * The unmodified peers of interop tests: what {@code interop/prepare} brings, started on the
 * loopback and ended. Never part of what is installed.
 */
package io.postern.interop;
