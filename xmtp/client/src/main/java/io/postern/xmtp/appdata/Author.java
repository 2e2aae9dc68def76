package io.postern.xmtp.appdata;

/** Who wants to change a component, as the lists of admins say before the change. */
public record Author(boolean admin, boolean superAdmin) {}
