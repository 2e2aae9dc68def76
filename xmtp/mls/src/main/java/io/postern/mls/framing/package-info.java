/** How messages are framed: RFC 9420 §6. */
package io.postern.mls.framing;
