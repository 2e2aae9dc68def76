package io.postern.node.interop;

import java.util.List;

/** An installation in a group, whoever has written its client. */
interface GroupMember {
  String inboxId();

  /** Whether the group has come to it. */
  boolean knows(String group) throws Exception;

  /**
   * @return whether it is certain that the others will have it
   */
  boolean say(String group, String text) throws Exception;

  /** Reads all that the network has. */
  void catchUp(String group) throws Exception;

  long epoch(String group) throws Exception;

  /** What everybody has said, its own lines too, in the order of this client. */
  List<String> texts(String group) throws Exception;

  /** Something goes wrong with it: calls get lost, or its process dies and starts again. */
  void suffer(int kind) throws Exception;

  /** Nothing goes wrong any more. */
  void heal();
}
