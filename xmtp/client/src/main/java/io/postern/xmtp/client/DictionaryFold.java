package io.postern.xmtp.client;

import io.postern.mls.group.AppDataFold;
import io.postern.mls.group.GroupSettings;
import io.postern.mls.group.Proposal;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.ComponentUpdate;
import io.postern.xmtp.appdata.Dictionary;
import java.util.List;
import java.util.Optional;

/**
 * Tells the MLS engine what the updates of a commit make of a group's dictionary, before XMTP is
 * asked whether their authors may make them. Groups document 11.3.
 */
final class DictionaryFold implements AppDataFold {
  /** How every group of ours is made and restored. */
  static final GroupSettings SETTINGS = GroupSettings.XMTP.with(new DictionaryFold());

  private DictionaryFold() {}

  @Override
  public byte[] fold(Optional<byte[]> dictionary, List<Proposal.AppDataUpdate> updates)
      throws RefusedException {
    var changes =
        updates.stream()
            .map(each -> new ComponentUpdate(each.componentId(), each.update()))
            .toList();
    try {
      var before = dictionary.isPresent() ? Dictionary.read(dictionary.get()) : Dictionary.EMPTY;
      return before.apply(changes).toOctets();
    } catch (AppDataException unfit) {
      throw new RefusedException(unfit.getMessage(), unfit);
    }
  }
}
