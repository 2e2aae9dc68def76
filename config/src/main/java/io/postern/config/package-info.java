/**
 * The settings of the daemon: one YAML file becomes a {@link io.postern.config.Config}, or a {@link
 * io.postern.config.ConfigException} that names every mistake by its line and says what to write.
 * Settings that a module obeys are that module's records; those of the bridge are here.
 */
package io.postern.config;
