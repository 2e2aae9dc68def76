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
  /** The value of a component, ready for the updates of a commit. */
  Value open(Optional<byte[]> before) throws AppDataException;

  /** What an update does, each of which has a policy. */
  Set<Operation> operations(byte[] update) throws AppDataException;

  /** A value that updates change. */
  interface Value {
    /**
     * @throws AppDataException if the update does not fit; the value is of no use then
     */
    void apply(byte[] update) throws AppDataException;

    byte[] toOctets();
  }

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

  /** A value that each update replaces. */
  sealed interface Scalar extends Shape {
    /**
     * @throws AppDataException if it is not of this shape
     */
    void check(byte[] value) throws AppDataException;

    @Override
    default Value open(Optional<byte[]> before) {
      return new Replaced(this, before.orElse(new byte[0]));
    }

    @Override
    default Set<Operation> operations(byte[] update) throws AppDataException {
      check(update);
      return EnumSet.of(Operation.UPDATE); // Also the first time.
    }
  }

  /** The last one counts. */
  final class Replaced implements Value {
    private final Scalar shape;
    private byte[] value;

    private Replaced(Scalar shape, byte[] value) {
      this.shape = shape;
      this.value = value;
    }

    @Override
    public void apply(byte[] update) throws AppDataException {
      shape.check(update);
      value = update;
    }

    @Override
    public byte[] toOctets() {
      return value;
    }
  }

  /** Any octets. */
  record Octets() implements Scalar {
    @Override
    public void check(byte[] value) {}
  }

  /** So many octets. */
  record Fixed(int length) implements Scalar {
    @Override
    public void check(byte[] value) throws AppDataException {
      if (value.length != length) {
        throw new AppDataException(
            "11.4: a value of " + value.length + " octets where there must be " + length);
      }
    }
  }

  /** UTF-8. */
  record Text() implements Scalar {
    @Override
    public void check(byte[] value) throws AppDataException {
      text(value);
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
    public Value open(Optional<byte[]> before) throws AppDataException {
      return elements(form, before);
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
    public Value open(Optional<byte[]> before) throws AppDataException {
      var elements = elements(Form.REGISTRY, before);
      return new Value() {
        @Override
        public void apply(byte[] update) throws AppDataException {
          operations(update);
          elements.apply(update);
        }

        @Override
        public byte[] toOctets() {
          return elements.toOctets();
        }
      };
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

  private static Elements elements(Form form, Optional<byte[]> before) throws AppDataException {
    return before.isPresent() ? Elements.read(form, before.get()) : Elements.none(form);
  }
}
