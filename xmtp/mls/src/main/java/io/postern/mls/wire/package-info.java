/** The presentation language of RFC 9420 §2.1. */
package io.postern.mls.wire;
