package io.postern.smtp;

import java.time.Instant;

/**
 * A mail in the dead-letter box.
 *
 * @param mail with its content, which can still be read
 * @param at when it was given up
 * @param status why, as RFC 3463 puts it
 * @param reason why, in words
 */
public record DeadMail(SpooledMail mail, Instant at, String status, String reason) {}
