package io.postern.bridge.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The page looks at the daemon through its port, reads no clock and compiles nothing. */
class WebArchitectureTest {
  private static final JavaClasses PAGE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern.bridge.web");

  @Test
  void usesNothingButItsLibraries() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.postern.bridge.web..",
            "io.postern.mail..",
            "io.postern.mapping..",
            "io.postern.out..",
            "com.sun.net.httpserver..",
            "gg.jte..",
            "java..",
            "javax.annotation.processing..",
            "org.slf4j..")
        .check(PAGE);
  }

  @Test
  void takesTheTimeFromAClockThatIsGiven() {
    noClasses().should().callMethod(Instant.class, "now").check(PAGE);
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(PAGE);
  }
}
