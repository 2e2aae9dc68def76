/**
 * Key packages, proposals, commits, welcomes, and one member's view of a group: RFC 9420 §10 to
 * §12. Start at {@link io.postern.mls.group.MlsGroup}.
 */
package io.postern.mls.group;
