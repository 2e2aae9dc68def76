package io.postern.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** The database of the bridge: the setting {@code store}. */
public sealed interface StoreSettings {
  /** Of JDBC; holds no password, so it may be told. */
  String url();

  /** A file of H2, which one process has open. */
  record H2File(String url) implements StoreSettings {
    private static final String PREFIX = "jdbc:h2:file:";

    /**
     * @throws IllegalArgumentException if it is not a database that keeps its state
     */
    public H2File {
      if (!url.startsWith(PREFIX) || url.length() == PREFIX.length()) {
        throw new IllegalArgumentException(
            "store.url names neither a file of H2 nor a PostgreSQL; write"
                + " jdbc:h2:file:./data/postern or jdbc:postgresql://db.example.org/postern");
      }
    }
  }

  /**
   * A database of a PostgreSQL server.
   *
   * @param user as the server knows it
   * @param passwordFile holds the password; none where the server wants none
   * @param connections how many are open at most
   * @param carriers how many instances may carry at once, each for a part of the inboxes
   */
  record PostgreSql(
      String url, String user, Optional<Path> passwordFile, int connections, int carriers)
      implements StoreSettings {
    /** As many as one daemon makes use of. */
    public static final int CONNECTIONS = 24;

    /** Fewer would make what is carried at once wait for each other. */
    public static final int MIN_CONNECTIONS = 4;

    public static final int MAX_CONNECTIONS = 200;

    public static final int MAX_CARRIERS = 16;

    private static final String PREFIX = "jdbc:postgresql:";

    private static final Pattern FORM =
        Pattern.compile(
            "jdbc:postgresql://[A-Za-z0-9.:,\\[\\]-]+/[A-Za-z0-9_.%-]+(?:\\?[A-Za-z0-9_.,:/%=&-]+)?");

    /** Others may read the address of the database; a password stands in a file of its own. */
    private static final Pattern LOGIN = Pattern.compile("[?&](?:user|password|sslpassword)=");

    /**
     * @throws IllegalArgumentException if the address is no such one or holds a login, or a number
     *     is out of bounds
     */
    public PostgreSql {
      if (LOGIN.matcher(url).find()) {
        throw new IllegalArgumentException(
            "store.url holds a login; write store.user and store.passwordFile");
      }
      if (!FORM.matcher(url).matches()) {
        throw new IllegalArgumentException(
            "store.url is no address of a PostgreSQL database; write for example"
                + " jdbc:postgresql://db.example.org:5432/postern?sslmode=verify-full");
      }
      if (user.isEmpty() || user.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("store.user must be one line and not empty");
      }
      if (connections < MIN_CONNECTIONS || connections > MAX_CONNECTIONS) {
        throw new IllegalArgumentException(
            "store.connections is "
                + connections
                + "; write "
                + MIN_CONNECTIONS
                + " to "
                + MAX_CONNECTIONS);
      }
      if (carriers < 1 || carriers > MAX_CARRIERS) {
        throw new IllegalArgumentException(
            "store.carriers is " + carriers + "; write 1 to " + MAX_CARRIERS);
      }
    }

    /** Of which one instance carries at a time. */
    public PostgreSql(String url, String user, Optional<Path> passwordFile, int connections) {
      this(url, user, passwordFile, connections, 1);
    }

    static boolean isMeant(String url) {
      return url.startsWith(PREFIX);
    }
  }

  /** The database in the data folder. */
  static StoreSettings in(Path data) {
    // H2 takes a relative path only if it says that it is one.
    var folder = data.isAbsolute() ? data.toString() : "./" + data.normalize();
    return new H2File(H2File.PREFIX + folder + "/postern");
  }

  /**
   * The one of an address.
   *
   * @param user and what follows go with PostgreSQL only
   * @throws IllegalArgumentException says what is wrong, and what to write
   */
  public static StoreSettings of(
      String url,
      Optional<String> user,
      Optional<Path> passwordFile,
      Optional<Integer> connections,
      Optional<Integer> carriers) {
    if (PostgreSql.isMeant(url)) {
      if (user.isEmpty()) {
        throw new IllegalArgumentException("store.user is missing; write the name to log in with");
      }
      int most = connections.orElse(PostgreSql.CONNECTIONS);
      return new PostgreSql(url, user.get(), passwordFile, most, carriers.orElse(1));
    }
    var file = new H2File(url);
    if (user.isPresent()
        || passwordFile.isPresent()
        || connections.isPresent()
        || carriers.isPresent()) {
      throw new IllegalArgumentException(
          "store.user, passwordFile, connections and carriers go with PostgreSQL only;"
              + " take them out, or write jdbc:postgresql://host/database at store.url");
    }
    return file;
  }
}
