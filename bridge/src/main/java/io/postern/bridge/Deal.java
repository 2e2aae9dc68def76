package io.postern.bridge;

/**
 * How the parts of the inboxes are dealt to the instances of one database. docs/adr/0023.
 *
 * @param parts how many there are
 * @param ours how many one instance has
 * @param instances how many carry or could, this one among them
 * @param free how many nobody has
 */
record Deal(int parts, int ours, int instances, int free) {
  /** As many as one instance may have: nobody has two more than another who could have one. */
  int fair() {
    return (parts + instances - 1) / instances;
  }

  /** Whether this one has too many. */
  boolean isTooMany() {
    return ours > fair();
  }

  /** Whether this one is to take more. */
  boolean isTooFew() {
    return ours < fair() && free > 0;
  }
}
