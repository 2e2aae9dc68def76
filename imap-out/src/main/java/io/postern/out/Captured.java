package io.postern.out;

import io.postern.mail.Envelope;
import java.time.Instant;

/**
 * A mail that {@link Capture} keeps.
 *
 * @param id names it in {@link Capture#read}; letters and digits only
 * @param at when it was captured
 * @param size of the mail, in octets
 */
public record Captured(String id, Instant at, Envelope envelope, long size) {}
