package io.postern.mls.group;

import io.postern.mls.tree.UpdatePath;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code struct Commit}: proposals that take effect together, and new keys for the committer's
 * path. RFC 9420 §12.4.
 */
public record Commit(List<ProposalOrReference> proposals, Optional<UpdatePath> path)
    implements TlsStruct {
  /** Copies the list. */
  public Commit {
    proposals = List.copyOf(proposals);
  }

  /** Reads the struct. */
  public static Commit read(TlsReader in) throws WireException {
    TlsReader vector = in.vector("proposals");
    List<ProposalOrReference> proposals = new ArrayList<>();
    while (vector.hasMore()) {
      proposals.add(ProposalOrReference.read(vector));
    }
    Optional<UpdatePath> path =
        in.present("path") ? Optional.of(UpdatePath.read(in)) : Optional.empty();
    return new Commit(proposals, path);
  }

  @Override
  public void write(TlsWriter out) {
    out.vector(proposals).present(path.isPresent());
    path.ifPresent(out::struct);
  }
}
