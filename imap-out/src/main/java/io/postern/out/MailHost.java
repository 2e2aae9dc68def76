package io.postern.out;

/**
 * A host that takes mail for a domain. RFC 5321 §5.1.
 *
 * @param name without a final dot
 * @param preference the lower, the earlier to be tried
 * @param authentic whether DNSSEC vouches for its being one of the domain's
 */
public record MailHost(String name, int preference, boolean authentic) {}
