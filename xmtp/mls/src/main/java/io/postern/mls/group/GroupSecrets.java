package io.postern.mls.group;

import io.postern.mls.crypto.Secret;
import io.postern.mls.schedule.PreSharedKeyId;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code struct GroupSecrets}: what a welcome tells one newcomer under its init key. RFC 9420
 * §12.4.3.
 */
public record GroupSecrets(
    Secret joinerSecret, Optional<Secret> pathSecret, List<PreSharedKeyId> psks)
    implements TlsStruct {
  /** Copies the list. */
  public GroupSecrets {
    psks = List.copyOf(psks);
  }

  /** Reads the struct. */
  public static GroupSecrets read(TlsReader in) throws WireException {
    Secret joinerSecret = Secret.read(in, "joiner_secret");
    Optional<Secret> pathSecret =
        in.present("path_secret") ? Optional.of(Secret.read(in, "path_secret")) : Optional.empty();
    TlsReader vector = in.vector("psks");
    List<PreSharedKeyId> psks = new ArrayList<>();
    while (vector.hasMore()) {
      psks.add(PreSharedKeyId.read(vector));
    }
    return new GroupSecrets(joinerSecret, pathSecret, psks);
  }

  @Override
  public void write(TlsWriter out) {
    joinerSecret.write(out);
    out.present(pathSecret.isPresent());
    pathSecret.ifPresent(secret -> secret.write(out));
    out.vector(psks);
  }
}
