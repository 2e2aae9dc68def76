package io.postern.out;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The rules that this module keeps: the mail world alone, and no scheduler of its own. */
class ArchitectureTest {
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern.out");

  @Test
  void usesNothingButItsLibraries() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.postern.out..",
            "io.postern.mail..",
            "java..",
            "javax.naming..",
            "javax.net..",
            "javax.security.auth.x500..",
            "jakarta.mail..",
            "org.eclipse.angus.mail..",
            "org.slf4j..",
            "org.xbill.DNS..")
        .check(MODULE);
  }

  @Test
  void leavesThreadsAndSchedulesToTheBridge() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.lang\\.Thread|java\\.util\\.Timer.*"
                + "|java\\.util\\.concurrent\\.(Executor|ThreadPool|Scheduled).*")
        .check(MODULE);
  }

  @Test
  void takesTheTimeFromAClockThatIsGiven() {
    noClasses().should().callMethod(Instant.class, "now").check(MODULE);
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(MODULE);
  }

  @Test
  void sendsByItsOwnClientAndNotByJakartaMail() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.angus.mail.smtp..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("jakarta.mail.Transport")
        .check(MODULE);
  }
}
