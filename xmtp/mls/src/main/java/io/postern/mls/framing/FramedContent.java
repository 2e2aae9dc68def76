package io.postern.mls.framing;

import io.postern.mls.group.Commit;
import io.postern.mls.group.Proposal;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/** {@code struct FramedContent}: what is said, by whom, in which group and epoch. RFC 9420 §6. */
public final class FramedContent implements TlsStruct {
  private final byte[] groupId;
  private final long epoch;
  private final Sender sender;
  private final byte[] authenticatedData;
  private final Body body;

  /** Copies the octets. */
  public FramedContent(
      byte[] groupId, long epoch, Sender sender, byte[] authenticatedData, Body body) {
    this.groupId = groupId.clone();
    this.epoch = epoch;
    this.sender = sender;
    this.authenticatedData = authenticatedData.clone();
    this.body = body;
  }

  /** The part that depends on the content type. */
  public sealed interface Body extends TlsStruct {
    /** The type. */
    ContentType type();

    /** {@code content_type} excluded. */
    static Body read(TlsReader in, ContentType type) throws WireException {
      return switch (type) {
        case APPLICATION -> new Application(in.opaque("application_data"));
        case PROPOSAL -> new Proposed(Proposal.read(in));
        case COMMIT -> new Committed(Commit.read(in));
      };
    }
  }

  /** Application data. */
  public record Application(byte[] data) implements Body {
    /** Copies the data. */
    public Application {
      data = data.clone();
    }

    @Override
    public byte[] data() {
      return data.clone();
    }

    @Override
    public ContentType type() {
      return ContentType.APPLICATION;
    }

    @Override
    public void write(TlsWriter out) {
      out.opaque(data);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Application that && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(data);
    }

    @Override
    public String toString() {
      return "Application(" + data.length + " octets)";
    }
  }

  /** A standalone proposal. */
  public record Proposed(Proposal proposal) implements Body {
    @Override
    public ContentType type() {
      return ContentType.PROPOSAL;
    }

    @Override
    public void write(TlsWriter out) {
      out.struct(proposal);
    }
  }

  /** A commit. */
  public record Committed(Commit commit) implements Body {
    @Override
    public ContentType type() {
      return ContentType.COMMIT;
    }

    @Override
    public void write(TlsWriter out) {
      out.struct(commit);
    }
  }

  /** Reads the struct. */
  public static FramedContent read(TlsReader in) throws WireException {
    byte[] groupId = in.opaque("group_id");
    long epoch = in.uint64("epoch");
    Sender sender = Sender.read(in);
    byte[] authenticatedData = in.opaque("authenticated_data");
    return new FramedContent(
        groupId, epoch, sender, authenticatedData, Body.read(in, ContentType.read(in)));
  }

  @Override
  public void write(TlsWriter out) {
    out.opaque(groupId)
        .uint64(epoch)
        .struct(sender)
        .opaque(authenticatedData)
        .uint8(body.type().id())
        .struct(body);
  }

  /** The group's id. */
  public byte[] groupId() {
    return groupId.clone();
  }

  /** The epoch in which it was said. */
  public long epoch() {
    return epoch;
  }

  /** Who said it. */
  public Sender sender() {
    return sender;
  }

  /** Data that travels in the clear. */
  public byte[] authenticatedData() {
    return authenticatedData.clone();
  }

  /** What was said. */
  public Body body() {
    return body;
  }
}
