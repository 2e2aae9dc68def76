package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.List;
import java.util.Optional;

/**
 * {@code struct RequiredCapabilities}: what every member of a group must support. RFC 9420 §11.1.
 */
public record RequiredCapabilities(
    List<Integer> extensions, List<Integer> proposals, List<Integer> credentials)
    implements TlsStruct {
  /** Nothing is required. */
  public static final RequiredCapabilities NONE =
      new RequiredCapabilities(List.of(), List.of(), List.of());

  /** Copies the lists. */
  public RequiredCapabilities {
    extensions = List.copyOf(extensions);
    proposals = List.copyOf(proposals);
    credentials = List.copyOf(credentials);
  }

  /** Reads the struct. */
  public static RequiredCapabilities read(TlsReader in) throws WireException {
    return new RequiredCapabilities(
        Uint16s.read(in, "extension_types"),
        Uint16s.read(in, "proposal_types"),
        Uint16s.read(in, "credential_types"));
  }

  /** What a group's context extensions require; {@link #NONE} without the extension. */
  public static RequiredCapabilities of(Extensions contextExtensions) throws WireException {
    Optional<byte[]> data = contextExtensions.find(Extension.REQUIRED_CAPABILITIES);
    if (data.isEmpty()) {
      return NONE;
    }
    TlsReader in = new TlsReader(data.get());
    RequiredCapabilities required = read(in);
    in.end("required_capabilities");
    return required;
  }

  /** The extension that carries this. */
  public Extension toExtension() {
    return new Extension(Extension.REQUIRED_CAPABILITIES, toOctets());
  }

  @Override
  public void write(TlsWriter out) {
    Uint16s.write(out, extensions);
    Uint16s.write(out, proposals);
    Uint16s.write(out, credentials);
  }
}
