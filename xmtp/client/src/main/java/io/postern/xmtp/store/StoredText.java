package io.postern.xmtp.store;

import java.sql.Types;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;

/**
 * Text as each database takes it. PostgreSQL stores no NUL, and strangers write what is stored: a
 * transaction that holds one would fail for ever, and what it was for with it. So NUL becomes
 * U+FFFD, on H2 as well, when text is stored and when it is looked for.
 */
public final class StoredText extends AbstractArgumentFactory<String> {
  private StoredText() {
    super(Types.VARCHAR);
  }

  /** What opens transactions of a database, and binds text so. */
  public static Jdbi jdbi(DataSource database) {
    var jdbi = Jdbi.create(database);
    jdbi.registerArgument(new StoredText());
    return jdbi;
  }

  @Override
  protected Argument build(String text, ConfigRegistry config) {
    return (position, statement, context) ->
        statement.setString(position, text.replace('\0', '\uFFFD'));
  }
}
