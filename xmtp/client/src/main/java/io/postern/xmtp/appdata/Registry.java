package io.postern.xmtp.appdata;

import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Component 8000: the type of each component, and who may insert, update and delete. Entries that
 * are not recognised are kept in the dictionary and count as absent. Groups document 11.4.
 */
public final class Registry {
  /** A registry in which nothing stands, so that nothing is allowed but to super admins. */
  public static final Registry NONE = new Registry(Map.of(), Outcome::of);

  private final Map<Integer, ComponentMetadata> recognised;
  private final Judge judge;

  /** A commit may hold very many updates and a policy very many parts: each is asked once. */
  private final Map<Question, Outcome> answers = new ConcurrentHashMap<>();

  private Registry(Map<Integer, ComponentMetadata> recognised, Judge judge) {
    this.recognised = Map.copyOf(recognised);
    this.judge = judge;
  }

  /** Tells what a policy says of a role. */
  interface Judge {
    Outcome outcome(MetadataPolicy policy, Role role);
  }

  private record Question(int component, Operation operation, Role role) {}

  /** Reads the component's value. */
  public static Registry read(byte[] value) throws AppDataException {
    return read(value, Outcome::of);
  }

  static Registry read(byte[] value, Judge judge) throws AppDataException {
    var recognised = new TreeMap<Integer, ComponentMetadata>();
    for (var entry : Elements.read(Elements.Form.REGISTRY, value).entries().entrySet()) {
      int id = KeyEncoding.componentId(entry.getKey());
      try {
        recognised.put(id, recognise(id, entry.getValue()));
      } catch (AppDataException unknown) {
        // Made by a later version: nobody may write that component, and all else goes on.
      }
    }
    return new Registry(recognised, judge);
  }

  /** What it says of a component; empty if nothing that is recognised. */
  public Optional<ComponentMetadata> find(int id) {
    return Optional.ofNullable(recognised.get(id));
  }

  /**
   * @throws AppDataException if no registry may hold this entry
   */
  public static ComponentMetadata recognise(int id, byte[] value) throws AppDataException {
    checkWritable(id);
    ComponentMetadata metadata;
    try {
      metadata = ComponentMetadata.parseFrom(value);
    } catch (InvalidProtocolBufferException malformed) {
      throw new AppDataException("11.4: the registry's entry of " + Component.name(id), malformed);
    }
    var permissions = metadata.getPermissions();
    if (!metadata.hasPermissions()
        || !permissions.hasInsertPolicy()
        || !permissions.hasUpdatePolicy()
        || !permissions.hasDeletePolicy()) {
      throw new AppDataException("11.4: the registry lacks a policy of " + Component.name(id));
    }
    if (id == Component.ADMINS
        && !(isForAdmins(permissions.getInsertPolicy())
            && isForAdmins(permissions.getUpdatePolicy())
            && isForAdmins(permissions.getDeletePolicy()))) {
      throw new AppDataException("11.4: the registry lets others than admins appoint admins");
    }
    return metadata;
  }

  private static boolean isForAdmins(MetadataPolicy policy) {
    return policy.getKindCase() == MetadataPolicy.KindCase.BASE
        && (policy.getBase()
                == MetadataPolicy.MetadataBasePolicy.METADATA_BASE_POLICY_ALLOW_IF_ADMIN
            || policy.getBase()
                == MetadataPolicy.MetadataBasePolicy.METADATA_BASE_POLICY_ALLOW_IF_SUPER_ADMIN);
  }

  private static void checkWritable(int id) throws AppDataException {
    if (!Component.isInRange(id) || Component.isForSuperAdmins(id)) {
      throw new AppDataException("11.4: the registry does not speak of " + Component.name(id));
    }
  }

  /** One mutation of a delta that somebody sends for the registry. */
  static void checkMutation(Operation operation, int id, byte[] value) throws AppDataException {
    checkWritable(id);
    if (operation != Operation.DELETE) {
      recognise(id, value);
    }
    if (operation != Operation.INSERT && Component.isImmutable(id)) {
      throw new AppDataException(
          "11.4: the registry's entry of " + Component.name(id) + " is immutable");
    }
  }

  /**
   * Whether somebody of this role may make an update, as this registry says, which is that before
   * the commit.
   *
   * @throws AppDataException if not, or if the update cannot be read
   */
  public void check(ComponentUpdate update, Role role) throws AppDataException {
    int id = update.componentId();
    var shape = Shape.of(id, this);
    var octets = update.update();
    Set<Operation> operations;
    if (octets.isPresent()) {
      Dictionary.requireFits(octets.get().length);
      operations = shape.operations(octets.get());
    } else {
      Dictionary.requireRemovable(id);
      operations = EnumSet.of(Operation.DELETE);
    }
    for (var operation : operations) {
      check(id, operation, role);
    }
  }

  private void check(int id, Operation operation, Role role) throws AppDataException {
    if (Component.isImmutable(id) && operation != Operation.INSERT) {
      throw new AppDataException("11.6: " + Component.name(id) + " is immutable");
    }
    if (Component.isForSuperAdmins(id)) {
      if (!role.superAdmin()) {
        throw new AppDataException("11.6: only a super admin writes " + Component.name(id));
      }
      return;
    }
    var permissions =
        find(id)
            .orElseThrow(
                () -> new AppDataException("11.6: the registry has no " + Component.name(id)))
            .getPermissions();
    var policy =
        switch (operation) {
          case INSERT -> permissions.getInsertPolicy();
          case UPDATE -> permissions.getUpdatePolicy();
          case DELETE -> permissions.getDeletePolicy();
        };
    var outcome =
        answers.computeIfAbsent(
            new Question(id, operation, role), question -> judge.outcome(policy, role));
    if (outcome != Outcome.ALLOWED) {
      throw new AppDataException(
          "11.6: its author may not " + operation + " an element of " + Component.name(id));
    }
  }
}
