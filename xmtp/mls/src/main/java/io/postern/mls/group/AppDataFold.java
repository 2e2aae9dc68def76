package io.postern.mls.group;

import java.util.List;
import java.util.Optional;

/**
 * What the AppDataUpdates of one commit make of the application data dictionary. MLS carries the
 * dictionary and does not know its components; the application does. All members must come to the
 * same octets, else they part. draft-ietf-mls-extensions §4.7.
 */
@FunctionalInterface
public interface AppDataFold {
  /**
   * The dictionary after the updates.
   *
   * @param dictionary extension data of 0x0006 before the commit; empty if the group has none
   * @param updates in the order of the commit; never empty
   * @return extension data of 0x0006 after the commit
   * @throws RefusedException if an update does not fit what it is applied to
   */
  byte[] fold(Optional<byte[]> dictionary, List<Proposal.AppDataUpdate> updates)
      throws RefusedException;

  /** The updates cannot be applied: the commit is not valid, for anybody. */
  final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param reason what does not fit
     */
    public RefusedException(String reason) {
      super(reason);
    }

    /**
     * @param reason what does not fit
     * @param cause where that was found
     */
    public RefusedException(String reason, Throwable cause) {
      super(reason, cause);
    }
  }
}
