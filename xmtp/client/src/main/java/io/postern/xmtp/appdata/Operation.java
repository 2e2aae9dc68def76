package io.postern.xmtp.appdata;

/** What is done to an element of a component, or to the whole of it; each has a policy. */
enum Operation {
  INSERT,
  UPDATE,
  DELETE
}
