package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.List;

/**
 * {@code struct Capabilities}: what a client can do, as lists of code points. Unknown and GREASE
 * values (RFC 9420 §13.5) are kept and mean nothing. RFC 9420 §7.2.
 */
public record Capabilities(
    List<Integer> versions,
    List<Integer> cipherSuites,
    List<Integer> extensions,
    List<Integer> proposals,
    List<Integer> credentials)
    implements TlsStruct {
  private static final int LAST_DEFAULT_PROPOSAL = 7;

  /** Copies the lists. */
  public Capabilities {
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
    extensions = List.copyOf(extensions);
    proposals = List.copyOf(proposals);
    credentials = List.copyOf(credentials);
  }

  /** Reads the struct. */
  public static Capabilities read(TlsReader in) throws WireException {
    return new Capabilities(
        Uint16s.read(in, "versions"),
        Uint16s.read(in, "cipher_suites"),
        Uint16s.read(in, "extensions"),
        Uint16s.read(in, "proposals"),
        Uint16s.read(in, "credentials"));
  }

  @Override
  public void write(TlsWriter out) {
    Uint16s.write(out, versions);
    Uint16s.write(out, cipherSuites);
    Uint16s.write(out, extensions);
    Uint16s.write(out, proposals);
    Uint16s.write(out, credentials);
  }

  /** Whether an extension of that type may be used; those of RFC 9420 need not be listed. */
  public boolean supportExtension(int type) {
    return Extension.isDefault(type) || extensions.contains(type);
  }

  /** Whether a proposal of that type may be used; those of RFC 9420 need not be listed. */
  public boolean supportProposal(int type) {
    return isDefaultProposal(type) || proposals.contains(type);
  }

  /** Whether a proposal of that type may be used without being listed. RFC 9420 §7.2. */
  static boolean isDefaultProposal(int type) {
    return type >= 1 && type <= LAST_DEFAULT_PROPOSAL;
  }
}
