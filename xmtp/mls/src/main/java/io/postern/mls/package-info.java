/**
 * An engine for Messaging Layer Security, RFC 9420, over the primitives of BouncyCastle. It knows
 * nothing of XMTP: octets and values go in, values or an {@link io.postern.mls.MlsException} come
 * out. It does no I/O, reads no clock and logs nothing.
 */
package io.postern.mls;
