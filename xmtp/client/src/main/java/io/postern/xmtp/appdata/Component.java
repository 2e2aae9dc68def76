package io.postern.xmtp.appdata;

/**
 * The numbers of components (XIP-81): half of the 16 bits, for XMTP and for applications, each with
 * numbers at its end that are written once.
 */
public final class Component {
  /** The type and the policies of all others; a group that has it is in the dictionary form. */
  public static final int REGISTRY = 0x8000;

  public static final int SUPER_ADMINS = 0x8001;
  public static final int ADMINS = 0x8002;
  public static final int MEMBERSHIP = 0x8003;
  public static final int NAME = 0x8004;
  public static final int DESCRIPTION = 0x8005;
  public static final int IMAGE = 0x8006;
  public static final int DISAPPEAR_FROM = 0x8007;
  public static final int DISAPPEAR_IN = 0x8008;
  public static final int APP_DATA = 0x8009;
  public static final int MINIMUM_VERSION = 0x800A;
  public static final int COMMIT_LOG_SIGNER = 0x800B;
  public static final int ONESHOT_MESSAGE = 0xBFFC;
  public static final int DM_MEMBERS = 0xBFFD;
  public static final int CREATOR = 0xBFFE;
  public static final int CONVERSATION_TYPE = 0xBFFF;

  private static final int FIRST = 0x8000;
  private static final int XMTP_IMMUTABLE = 0xBE00;
  private static final int XMTP_LAST = 0xBFFF;
  private static final int APPLICATION_IMMUTABLE = 0xFD00;
  private static final int APPLICATION_LAST = 0xFEFF;

  private Component() {}

  /** Whether a registry may speak of it: neither below the range nor reserved. */
  static boolean isInRange(int id) {
    return id >= FIRST && id <= APPLICATION_LAST;
  }

  /** Whether it is written once, never changed nor removed. */
  static boolean isImmutable(int id) {
    return id >= XMTP_IMMUTABLE && id <= XMTP_LAST
        || id >= APPLICATION_IMMUTABLE && id <= APPLICATION_LAST;
  }

  /** Whether only super admins write it, whatever the registry says. */
  static boolean isForSuperAdmins(int id) {
    return id == REGISTRY || id == SUPER_ADMINS;
  }

  /** How messages and logs name a component. */
  public static String name(int id) {
    return String.format("component %04x", id);
  }
}
