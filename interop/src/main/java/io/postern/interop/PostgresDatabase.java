package io.postern.interop;

import org.postgresql.ds.PGConnectionPoolDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** One database of a {@link PostgresServer}, and how it is reached. */
public record PostgresDatabase(String url, String user, String password) {
  /** Its name on the server. */
  String name() {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  /** A connection of its own each time. */
  public PGSimpleDataSource source() {
    var source = new PGSimpleDataSource();
    source.setUrl(url);
    source.setUser(user);
    source.setPassword(password);
    return source;
  }

  /** For a pool. */
  public PGConnectionPoolDataSource pooled() {
    var source = new PGConnectionPoolDataSource();
    source.setUrl(url);
    source.setUser(user);
    source.setPassword(password);
    return source;
  }
}
