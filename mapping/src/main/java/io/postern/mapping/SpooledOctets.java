package io.postern.mapping;

/**
 * How long a mail of {@link SpoolRows} is, and what stands behind it. The array is not copied:
 * whoever has asked for it, has it alone.
 *
 * @param contentOctets of all its parts
 * @param trailer what is known about the mail, as it was written
 */
public record SpooledOctets(long contentOctets, byte[] trailer) {}
