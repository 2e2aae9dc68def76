package io.postern.mapping;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.postern.xmtp.store.Lease;
import io.postern.xmtp.store.Migrations;
import io.postern.xmtp.store.SavedLater;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;

/** style.md §2: what this module may use. */
@AnalyzeClasses(
    packages = "io.postern.mapping",
    importOptions = ImportOption.DoNotIncludeTests.class)
class MappingArchitectureTest {
  @ArchTest
  static final ArchRule usesTheTwoLanguagesAndSql =
      classes()
          .should()
          .onlyDependOnClassesThat(
              // The tables of both are in one database, and have its transactions in common; an
              // instance works for the same inboxes in both.
              // What is large is given as a stream, and read as one.
              belongToAnyOf(
                      SavedLater.class,
                      Lease.class,
                      Migrations.class,
                      InputStream.class,
                      FilterInputStream.class,
                      SequenceInputStream.class,
                      ByteArrayInputStream.class,
                      OutputStream.class,
                      IOException.class,
                      UncheckedIOException.class)
                  .or(
                      resideInAnyPackage(
                          "io.postern.mapping..",
                          "io.postern.mail..",
                          "io.postern.xmtp.identity..",
                          "io.postern.xmtp.content..",
                          "java.lang..",
                          "java.util..",
                          "java.time..",
                          "java.nio.charset..",
                          "java.security..",
                          "java.sql..",
                          "javax.sql..",
                          "org.jdbi.v3.core..")));

  @ArchTest
  static final ArchRule whatIsPureKnowsNoDatabase =
      noClasses()
          .that()
          .haveNameMatching(
              ".*\\.(AddressRules|AddressPattern|MappingRule|Destination|Peer|ThreadIds|Quiet"
                  + "|ConversationId|IdempotencyKey|Journey|ThreadLink|Translation"
                  + "|StandingPart)(\\$.*)?")
          .should()
          .dependOnClassesThat(resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi.."));

  @ArchTest
  static final ArchRule timesAreGivenByTheCaller =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis");
}
