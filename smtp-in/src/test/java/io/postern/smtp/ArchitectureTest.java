package io.postern.smtp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.postern.smtp", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule usesTheMailWorldOnly =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.postern.smtp",
              "io.postern.mail..",
              "java..",
              "javax.net.ssl..",
              "org.slf4j..",
              "org.bouncycastle..");

  @ArchTest
  static final ArchRule onlyTheTlsIdentityReadsKeys =
      noClasses()
          .that()
          .doNotHaveSimpleName("TlsIdentity")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");
}
