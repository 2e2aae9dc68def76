package io.postern.xmtp.appdata;

/** What somebody who wants to change something is in the group, before the change. */
public record Role(boolean admin, boolean superAdmin) {}
