package io.postern.xmtp.client;

import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.xmtp.appdata.AppDataException;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.Registry;
import java.util.Optional;

/**
 * What XMTP keeps in the context of a group, in either of its forms: in extensions of its own or,
 * since the group was migrated, in the dictionary. What rules ask for again and again is read once.
 * Not for several threads. Groups document 1.7, 11.4.
 */
final class XmtpContext {
  private final Extensions extensions;
  private final Dictionary dictionary;
  private Optional<Registry> registry = Optional.empty();
  private Optional<GroupMetadata> metadata = Optional.empty();
  private Optional<GroupPermissions> permissions = Optional.empty();

  private XmtpContext(Extensions extensions, Dictionary dictionary) {
    this.extensions = extensions;
    this.dictionary = dictionary;
  }

  /**
   * @throws GroupException if there is a dictionary that cannot be read
   */
  static XmtpContext of(Extensions extensions) throws GroupException {
    var octets = extensions.find(Extension.APP_DATA_DICTIONARY);
    try {
      return new XmtpContext(
          extensions, octets.isPresent() ? Dictionary.read(octets.get()) : Dictionary.EMPTY);
    } catch (AppDataException malformed) {
      throw new GroupException("11.3: the group's dictionary cannot be read", malformed);
    }
  }

  /** Whether the group is in the dictionary form. */
  boolean isMigrated() {
    return dictionary.hasRegistry();
  }

  Dictionary dictionary() {
    return dictionary;
  }

  /** What component 8000 says; nothing in a group that is not migrated. */
  Registry registry() throws GroupException {
    if (registry.isEmpty()) {
      try {
        registry = Optional.of(dictionary.registry());
      } catch (AppDataException malformed) {
        throw new GroupException("11.4: the group's registry cannot be read", malformed);
      }
    }
    return registry.get();
  }

  GroupMetadata metadata() throws GroupException {
    if (metadata.isEmpty()) {
      metadata = Optional.of(readMetadata());
    }
    return metadata.get();
  }

  private GroupMetadata readMetadata() throws GroupException {
    return isMigrated()
        ? GroupMetadata.read(dictionary)
        : GroupMetadata.read(required(GroupMetadata.IMMUTABLE), required(GroupMetadata.MUTABLE));
  }

  GroupPermissions permissions() throws GroupException {
    if (permissions.isEmpty()) {
      permissions = Optional.of(readPermissions());
    }
    return permissions.get();
  }

  private GroupPermissions readPermissions() throws GroupException {
    return isMigrated()
        ? GroupPermissions.read(registry())
        : GroupPermissions.read(required(GroupPermissions.TYPE));
  }

  GroupMembership membership() throws GroupException {
    return isMigrated()
        ? GroupMembership.read(dictionary)
        : GroupMembership.read(required(GroupMembership.TYPE));
  }

  /** What a group in the dictionary form demands as its version, whether or not it is one. */
  Optional<String> minimumVersion() throws GroupException {
    try {
      return dictionary.text(Component.MINIMUM_VERSION);
    } catch (AppDataException malformed) {
      throw new GroupException("11.4: the demanded version cannot be read", malformed);
    }
  }

  /** The data of an extension that must be there. */
  byte[] required(int type) throws GroupException {
    return extensions
        .find(type)
        .orElseThrow(
            () ->
                new GroupException(
                    String.format("the group context lacks extension 0x%04x", type)));
  }

  /**
   * The version that a group in the dictionary form demands, if it is above ours: then nothing else
   * of it is for us to understand. What is no version demands nothing, else it would stop
   * everybody.
   */
  Optional<String> demandedVersion() {
    return isMigrated() ? demanded(dictionary.find(Component.MINIMUM_VERSION)) : Optional.empty();
  }

  /** The version that these octets demand, if they are one and it is above ours. */
  static Optional<String> demanded(Optional<byte[]> version) {
    return version.map(ProtocolVersion::text).flatMap(ProtocolVersion::aboveOurs);
  }
}
