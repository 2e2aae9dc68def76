/**
 * The dictionary form of a group's context (XIP-81, AppDataDictionary and AppDataUpdate of
 * draft-ietf-mls-extensions): values, what changes them, and who may.
 *
 * <p>The rules are consensus: what one member takes all must take, else the group forks. Nothing
 * here does I/O, reads a clock or writes a log.
 */
package io.postern.xmtp.appdata;
