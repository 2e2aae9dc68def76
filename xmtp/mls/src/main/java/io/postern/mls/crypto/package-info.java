/** Cipher suites and their primitives: RFC 9420 §5, RFC 9180, RFC 5869, RFC 8032. */
package io.postern.mls.crypto;
