package io.postern.mls.group;

import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafIndex;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;
import java.util.Optional;

/** {@code struct Proposal}: one change to a group. RFC 9420 §12.1. */
public sealed interface Proposal extends TlsStruct {
  /** The number of the type; RFC 9420 §17.4. */
  int type();

  /** A client becomes a member. RFC 9420 §12.1.1. */
  record Add(KeyPackage keyPackage) implements Proposal {
    /** {@code ProposalType}. */
    public static final int TYPE = 1;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).struct(keyPackage);
    }
  }

  /** A member replaces its leaf. RFC 9420 §12.1.2. */
  record Update(LeafNode leaf) implements Proposal {
    /** {@code ProposalType}. */
    public static final int TYPE = 2;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).struct(leaf);
    }
  }

  /** A member is a member no longer. RFC 9420 §12.1.3. */
  record Remove(LeafIndex removed) implements Proposal {
    /** {@code ProposalType}. */
    public static final int TYPE = 3;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).struct(removed);
    }
  }

  /** A pre-shared key contributes to the next epoch. RFC 9420 §12.1.4. */
  record PreSharedKey(PreSharedKeyId id) implements Proposal {
    static final int TYPE = 4;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).struct(id);
    }
  }

  /**
   * The group ends and begins again with other parameters; read, never served. RFC 9420 §12.1.5.
   */
  record ReInit(byte[] groupId, int version, int cipherSuite, Extensions extensions)
      implements Proposal {
    static final int TYPE = 5;

    /** Copies the id. */
    public ReInit {
      groupId = groupId.clone();
    }

    @Override
    public byte[] groupId() {
      return groupId.clone();
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).opaque(groupId).uint16(version).uint16(cipherSuite).struct(extensions);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ReInit that && Arrays.equals(toOctets(), that.toOctets());
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(groupId);
    }
  }

  /** Somebody joins by an external commit; read, never served. RFC 9420 §12.1.6. */
  record ExternalInit(byte[] kemOutput) implements Proposal {
    static final int TYPE = 6;

    /** Copies the octets. */
    public ExternalInit {
      kemOutput = kemOutput.clone();
    }

    @Override
    public byte[] kemOutput() {
      return kemOutput.clone();
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).opaque(kemOutput);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ExternalInit that && Arrays.equals(kemOutput, that.kemOutput);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(kemOutput);
    }
  }

  /** The context's extensions are replaced by this list. RFC 9420 §12.1.7. */
  record GroupContextExtensions(Extensions extensions) implements Proposal {
    /** {@code ProposalType}. */
    public static final int TYPE = 7;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).struct(extensions);
    }
  }

  /**
   * A component of the application data dictionary is replaced or, without data, removed:
   * AppDataUpdate of draft-ietf-mls-extensions. What the data mean is told by {@link AppDataFold}.
   */
  record AppDataUpdate(int componentId, Optional<byte[]> update) implements Proposal {
    /** {@code ProposalType}. */
    public static final int TYPE = 8;

    private static final int UPDATE = 1;
    private static final int REMOVE = 2;

    /** Copies the data. */
    public AppDataUpdate {
      update = update.map(byte[]::clone);
    }

    @Override
    public Optional<byte[]> update() {
      return update.map(byte[]::clone);
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public void write(TlsWriter out) {
      out.uint16(TYPE).uint16(componentId).uint8(update.isPresent() ? UPDATE : REMOVE);
      update.ifPresent(out::opaque);
    }

    private static AppDataUpdate readBody(TlsReader in) throws WireException {
      int component = in.uint16("component_id");
      int op = in.uint8("op");
      return switch (op) {
        case UPDATE -> new AppDataUpdate(component, Optional.of(in.opaque("update")));
        case REMOVE -> new AppDataUpdate(component, Optional.empty());
        default -> throw in.malformed("op: expected 1 or 2, got " + op);
      };
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof AppDataUpdate that && Arrays.equals(toOctets(), that.toOctets());
    }

    @Override
    public int hashCode() {
      return componentId;
    }
  }

  /**
   * Reads the struct.
   *
   * @throws WireException {@code UNSUPPORTED} for a type unknown here: its end cannot be found
   */
  static Proposal read(TlsReader in) throws WireException {
    int type = in.uint16("proposal_type");
    return switch (type) {
      case Add.TYPE -> new Add(KeyPackage.read(in));
      case Update.TYPE -> new Update(LeafNode.read(in));
      case Remove.TYPE -> new Remove(LeafIndex.read(in, "removed"));
      case PreSharedKey.TYPE -> new PreSharedKey(PreSharedKeyId.read(in));
      case ReInit.TYPE ->
          new ReInit(
              in.opaque("group_id"),
              in.uint16("version"),
              in.uint16("cipher_suite"),
              Extensions.read(in));
      case ExternalInit.TYPE -> new ExternalInit(in.opaque("kem_output"));
      case GroupContextExtensions.TYPE -> new GroupContextExtensions(Extensions.read(in));
      case AppDataUpdate.TYPE -> AppDataUpdate.readBody(in);
      default -> throw in.unsupported(String.format("proposal_type %04x", type));
    };
  }
}
