package io.postern.xmtp.appdata;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The package computes and nothing else, and needs no engine for it. */
@AnalyzeClasses(
    packages = "io.postern.xmtp.appdata",
    importOptions = ImportOption.DoNotIncludeTests.class)
class AppDataImportsTest {
  @ArchTest
  static final ArchRule USES_ONLY_WHAT_STANDS_ABOVE_IT =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.postern.xmtp.appdata",
              "io.postern.xmtp.identity",
              "io.postern.xmtp.proto..",
              "io.postern.mls.wire",
              "com.google.protobuf..",
              "java.lang..",
              "java.nio",
              "java.nio.charset",
              "java.security",
              "java.util..");
}
