package io.postern.mls;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

@AnalyzeClasses(packages = "io.postern.mls", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule usesNothingButTheJdkAndBouncyCastle =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.postern.mls..",
              "java.lang..",
              "java.math..",
              "java.util",
              "java.util.function",
              "java.util.stream",
              "java.nio",
              "java.nio.charset",
              "java.time",
              "java.security",
              "org.bouncycastle..");

  @ArchTest
  static final ArchRule onlyCryptoKnowsBouncyCastle =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.postern.mls.crypto..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");

  @ArchTest
  static final ArchRule registersNoProvider =
      noClasses().should().dependOnClassesThat().resideInAPackage("org.bouncycastle.jce..");

  @ArchTest
  static final ArchRule readsNoClock =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Clock.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule treesKnowNoGroups =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.postern.mls.wire",
              "io.postern.mls.crypto",
              "io.postern.mls.tree",
              "io.postern.mls.schedule")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.postern.mls.framing", "io.postern.mls.group");
}
