package io.postern.interop;

import java.nio.file.Path;

/**
 * PEM files of a server.
 *
 * @param key not encrypted, PKCS #8
 */
public record ServerTls(Path certificate, Path key) {}
