package io.postern.config;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** style.md §2: this module fills settings and does nothing with them. */
@AnalyzeClasses(
    packages = "io.postern.config",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ConfigArchitectureTest {
  @ArchTest
  static final ArchRule usesSettingsAndYaml =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "io.postern.config..",
                  "io.postern.mail..",
                  "io.postern.mapping..",
                  "io.postern.node..",
                  "io.postern.out..",
                  "io.postern.smtp..",
                  "org.snakeyaml.engine..",
                  "java.io..",
                  "java.lang..",
                  "java.net..",
                  "java.nio..",
                  "java.time..",
                  "java.util.."));

  @ArchTest
  static final ArchRule onlyTheReaderTouchesFiles =
      noClasses()
          .that()
          .doNotHaveSimpleName("ConfigReader")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.nio.file.Files");

  @ArchTest
  static final ArchRule dependsOnNeitherTimeNorEnvironment =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "getProperty", String.class);
}
