package io.postern.mls.group;

import java.util.List;

/** A member of a plain group of RFC 9420, whatever its engine. For tests. */
interface PlainMember {
  /** A commit, already merged by who made it, and the welcome for those it adds. */
  record Made(byte[] commit, byte[] welcome) {}

  void create() throws Exception;

  byte[] keyPackage() throws Exception;

  void join(byte[] welcome) throws Exception;

  /**
   * @param withPath also where the proposals need none
   */
  Made commit(List<byte[]> added, List<Integer> removed, boolean withPath) throws Exception;

  void receive(byte[] commit) throws Exception;

  byte[] say(byte[] text) throws Exception;

  byte[] hear(byte[] message) throws Exception;

  byte[] authenticator();

  int place();
}
