/** Leaves, ratchet tree, TreeKEM: RFC 9420 §4, §7. */
package io.postern.mls.tree;
