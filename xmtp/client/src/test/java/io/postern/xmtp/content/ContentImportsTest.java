package io.postern.xmtp.content;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Content is values and octets: no I/O, no clock, no log, nothing of the client around it. */
@AnalyzeClasses(
    packages = "io.postern.xmtp.content",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ContentImportsTest {
  @ArchTest
  static final ArchRule usesOnlyValues =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.postern.xmtp.content",
              "io.postern.xmtp.proto.mls",
              "com.google.protobuf",
              "com.fasterxml.jackson..",
              "java.io",
              "java.lang..",
              "java.math",
              "java.net",
              "java.nio",
              "java.nio.charset",
              "java.security",
              "java.time..",
              "java.util..",
              "javax.crypto..");

  @ArchTest
  static final ArchRule doesNoInputOrOutput =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.io\\.(File|RandomAccess|Print|Console).*")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.net\\.(?!URI).*");

  @ArchTest
  static final ArchRule readsNoClock =
      noClasses()
          .should()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.time.Clock.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");
}
