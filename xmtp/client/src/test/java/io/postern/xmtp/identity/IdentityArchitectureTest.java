package io.postern.xmtp.identity;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

/** The package does no I/O, reads no clock and logs nothing. */
@AnalyzeClasses(
    packages = "io.postern.xmtp.identity",
    importOptions = ImportOption.DoNotIncludeTests.class)
class IdentityArchitectureTest {
  @ArchTest
  static final ArchRule USES_ONLY_WHAT_STANDS_ABOVE_IT =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.postern.xmtp.identity",
              "io.postern.xmtp.proto..",
              "io.postern.mls.crypto",
              "com.google.protobuf..",
              "org.bouncycastle..",
              "java.lang..",
              "java.math",
              "java.nio",
              "java.nio.charset",
              "java.security",
              "java.text",
              "java.time",
              "java.util..",
              "java.io");

  /** One class reads its word list, which comes with it; exceptions are serialisable. */
  @ArchTest
  static final ArchRule DOES_NO_INPUT_OR_OUTPUT =
      noClasses()
          .that(not(simpleName("WordList")))
          .should()
          .dependOnClassesThat(
              com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage("java.io")
                  .and(not(simpleName("Serializable"))));

  @ArchTest
  static final ArchRule READS_NO_CLOCK =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");

  @ArchTest
  static final ArchRule PRINTS_NOTHING =
      noClasses()
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");
}
