package io.postern.xmtp.appdata;

import io.postern.xmtp.appdata.Elements.Form;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the value of a component is built, and with it what an update of it means: a new value or,
 * for sets and maps, a delta. Groups document 11.4.
 */
sealed interface Shape {
  /** The value after an update. */
  byte[] apply(Optional<byte[]> before, byte[] update) throws AppDataException;

  /** What an update does, each of which has a policy. */
  Set<Operation> operations(byte[] update) throws AppDataException;

  /** The shapes of the components that we know; the registry does not change them. */
  Map<Integer, Shape> KNOWN =
      Map.ofEntries(
          Map.entry(Component.REGISTRY, new OfRegistry()),
          Map.entry(Component.SUPER_ADMINS, new Collection(Form.INBOX_SET)),
          Map.entry(Component.ADMINS, new Collection(Form.INBOX_SET)),
          Map.entry(Component.MEMBERSHIP, new Collection(Form.INBOX_MAP)),
          Map.entry(Component.NAME, new Text()),
          Map.entry(Component.DESCRIPTION, new Text()),
          Map.entry(Component.IMAGE, new Text()),
          Map.entry(Component.DISAPPEAR_FROM, new Fixed(Long.BYTES)),
          Map.entry(Component.DISAPPEAR_IN, new Fixed(Long.BYTES)),
          Map.entry(Component.APP_DATA, new Text()),
          Map.entry(Component.MINIMUM_VERSION, new Text()),
          Map.entry(Component.COMMIT_LOG_SIGNER, new Fixed(32)),
          Map.entry(Component.ONESHOT_MESSAGE, new Octets()),
          Map.entry(Component.DM_MEMBERS, new Collection(Form.INBOX_SET)),
          Map.entry(Component.CREATOR, new Octets()),
          Map.entry(Component.CONVERSATION_TYPE, new Octets()));

  /**
   * The shape of a component, which for those unknown here the registry tells.
   *
   * @throws AppDataException if it tells none
   */
  static Shape of(int id, Registry registry) throws AppDataException {
    var known = KNOWN.get(id);
    if (known != null) {
      return known;
    }
    var entry =
        registry
            .find(id)
            .orElseThrow(
                () -> new AppDataException("11.6: the registry has no " + Component.name(id)));
    return switch (entry.getComponentType()) {
      case COMPONENT_TYPE_BYTES -> new Octets();
      case COMPONENT_TYPE_STRING -> new Text();
      case COMPONENT_TYPE_TLS_MAP_BYTES_BYTES -> new Collection(Form.OCTETS_MAP);
      case COMPONENT_TYPE_TLS_MAP_INBOX_ID_BYTES -> new Collection(Form.INBOX_MAP);
      case COMPONENT_TYPE_TLS_SET_BYTES -> new Collection(Form.OCTETS_SET);
      case COMPONENT_TYPE_TLS_SET_INBOX_ID -> new Collection(Form.INBOX_SET);
      default -> throw new AppDataException("11.4: the type of " + Component.name(id));
    };
  }

  /** Any octets. */
  record Octets() implements Shape {
    @Override
    public byte[] apply(Optional<byte[]> before, byte[] update) {
      return update;
    }

    @Override
    public Set<Operation> operations(byte[] update) {
      return EnumSet.of(Operation.UPDATE); // Also the first time.
    }
  }

  /** So many octets. */
  record Fixed(int length) implements Shape {
    @Override
    public byte[] apply(Optional<byte[]> before, byte[] update) throws AppDataException {
      if (update.length != length) {
        throw new AppDataException(
            "11.4: a value of " + update.length + " octets where there must be " + length);
      }
      return update;
    }

    @Override
    public Set<Operation> operations(byte[] update) throws AppDataException {
      apply(Optional.empty(), update);
      return EnumSet.of(Operation.UPDATE);
    }
  }

  /** UTF-8. */
  record Text() implements Shape {
    @Override
    public byte[] apply(Optional<byte[]> before, byte[] update) throws AppDataException {
      text(update);
      return update;
    }

    @Override
    public Set<Operation> operations(byte[] update) throws AppDataException {
      text(update);
      return EnumSet.of(Operation.UPDATE);
    }

    static String text(byte[] value) throws AppDataException {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      } catch (CharacterCodingException malformed) {
        throw new AppDataException("11.4: a text is no UTF-8", malformed);
      }
    }
  }

  /** A set or a map. */
  record Collection(Form form) implements Shape {
    @Override
    public byte[] apply(Optional<byte[]> before, byte[] update) throws AppDataException {
      return applied(form, before, update);
    }

    @Override
    public Set<Operation> operations(byte[] update) throws AppDataException {
      var operations = EnumSet.noneOf(Operation.class);
      Elements.walk(form, update, (operation, key, byHash, value) -> operations.add(operation));
      return operations;
    }
  }

  /** The map whose entries are judged by themselves before they come in. */
  record OfRegistry() implements Shape {
    @Override
    public byte[] apply(Optional<byte[]> before, byte[] update) throws AppDataException {
      operations(update);
      return applied(Form.REGISTRY, before, update);
    }

    @Override
    public Set<Operation> operations(byte[] update) throws AppDataException {
      var operations = EnumSet.noneOf(Operation.class);
      Elements.walk(
          Form.REGISTRY,
          update,
          (operation, key, byHash, value) -> {
            Registry.checkMutation(operation, KeyEncoding.componentId(key), value);
            operations.add(operation);
          });
      return operations;
    }
  }

  private static byte[] applied(Form form, Optional<byte[]> before, byte[] update)
      throws AppDataException {
    var elements = before.isPresent() ? Elements.read(form, before.get()) : Elements.none(form);
    return elements.apply(update).toOctets();
  }
}
