package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import java.nio.file.Path;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class StoredTextTest {
  private Jdbi jdbi;

  @BeforeEach
  void open(@TempDir Path folder) {
    jdbi = TestDatabase.open(folder).jdbi();
    jdbi.useHandle(handle -> handle.execute("create table words (word varchar(40) primary key)"));
  }

  private void store(String word) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate("insert into words (word) values (:word)")
                .bind("word", word)
                .execute());
  }

  private String find(String word) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select word from words where word = :word")
                .bind("word", word)
                .mapTo(String.class)
                .one());
  }

  @Test
  void aNulOfAStrangerStopsNothingAndIsFoundAgain() {
    store("a\0b");

    assertThat(find("a\0b")).isEqualTo("a\uFFFDb");
  }

  @Test
  void otherTextStandsAsItIs() {
    var odd = "\u0001 ñ 𝄞 \r\n'; drop table words; --";

    store(odd);

    assertThat(find(odd)).isEqualTo(odd);
  }

  @Test
  void halfACharacterStopsNothing() {
    store("a\uD800b");

    assertThat(jdbi.<Integer, RuntimeException>withHandle(this::count)).isEqualTo(1);
  }

  private int count(Handle handle) {
    return handle.createQuery("select count(*) from words").mapTo(Integer.class).one();
  }
}
