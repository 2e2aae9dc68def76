package io.postern.mail;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rules that this module keeps: no I/O, no clock, no logging, no other world. */
class ArchitectureTest {
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern.mail");

  @Test
  void usesNothingButItsLibraries() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.postern.mail..",
            "java.lang..",
            "java.io..",
            "java.net..",
            "java.nio..",
            "java.security..",
            "java.math..",
            "java.time..",
            "java.util..",
            "org.apache.james.mime4j..",
            "org.bouncycastle..",
            "org.jsoup..",
            "org.commonmark..")
        .check(MODULE);
  }

  @Test
  void doesNoInputOrOutput() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.io\\.(File|RandomAccess|Console).*|java\\.nio\\.(file|channels)\\..*"
                + "|java\\.util\\.(logging|concurrent|Timer).*"
                + "|java\\.net\\.(?!(Inet[46]?Address|IDN|UnknownHostException|URI|URISyntaxException)$).*")
        .check(MODULE);
    noClasses()
        .should()
        .callMethod(InetAddress.class, "getByName", String.class)
        .orShould()
        .callMethod(InetAddress.class, "getAllByName", String.class)
        .orShould()
        .callMethod(InetAddress.class, "getHostName")
        .orShould()
        .callMethod(InetAddress.class, "getCanonicalHostName")
        .because("names are asked of the Dns port")
        .check(MODULE);
  }

  @Test
  void readsNoClockAndRollsNoDice() {
    noClasses().should().callMethod(Instant.class, "now").check(MODULE);
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(MODULE);
    noClasses().should().callMethod(System.class, "nanoTime").check(MODULE);
    noClasses().should().dependOnClassesThat().areAssignableTo(Clock.class).check(MODULE);
    noClasses().should().dependOnClassesThat().areAssignableTo(Random.class).check(MODULE);
  }
}
