package io.postern.bridge;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.jupiter.api.Test;

/** What the daemon's own classes may use, and where. style.md §2, §8. */
class ArchitectureTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern");

  private static final JavaClasses BRIDGE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.postern.bridge");

  private static final DescribedPredicate<JavaMethod> MAIN =
      DescribedPredicate.describe(
          "a main method",
          method ->
              method.getName().equals("main")
                  && method.getModifiers().contains(JavaModifier.STATIC)
                  && method.getModifiers().contains(JavaModifier.PUBLIC));

  @Test
  void theDaemonHasTheOnlyMain() {
    assertThat(ALL.contain("io.postern.mail.Mail")).as("other modules are looked at").isTrue();

    noMethods()
        .that(are(MAIN))
        .should()
        .beDeclaredInClassesThat()
        .resideOutsideOfPackage("io.postern.bridge")
        .check(ALL);
    methods().that(are(MAIN)).should().beDeclaredIn(Main.class).check(ALL);
  }

  @Test
  void theStatusPageKnowsNothingOfTheDaemonBehindIt() {
    noClasses()
        .that()
        .resideInAPackage("io.postern.bridge.web..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.postern.bridge")
        .check(BRIDGE);
    slices().matching("io.postern.bridge.(*)..").should().beFreeOfCycles().check(BRIDGE);
  }

  @Test
  void otherModulesKnowNothingOfTheDaemon() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.postern.bridge..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.postern.bridge..")
        .check(ALL);
  }

  @Test
  void onlyJobsKnowTheScheduler() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Jobs.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(Jobs.Run.class.getName())
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.quartz..")
        .check(BRIDGE);
  }

  /** A loop has a thread of its own, and so has the hook that the runtime asks for at its end. */
  @Test
  void onlyWorkersLoopsAndTheShutdownHookMakeThreads() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Workers.class.getName())
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "it is of Executors or runs in the common pool",
                call ->
                    call.getTargetOwner().isEquivalentTo(Executors.class)
                        || call.getTargetOwner().isEquivalentTo(CompletableFuture.class)
                            && call.getName().endsWith("Async")))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ThreadPoolExecutor.class)
        .check(BRIDGE);
    noClasses()
        .that(
            DescribedPredicate.not(
                name(Workers.class.getName())
                    .or(name(Loop.class.getName()))
                    .or(name(UntilStopped.class.getName()))
                    .<com.tngtech.archunit.core.domain.JavaClass>forSubtype()))
        .should()
        .callConstructorWhere(
            DescribedPredicate.describe(
                "it makes a thread", call -> call.getTargetOwner().isAssignableTo(Thread.class)))
        .check(BRIDGE);
  }

  @Test
  void theTimeComesFromAClockThatIsGiven() {
    noClasses().should().callMethod(Instant.class, "now").check(BRIDGE);
    noClasses()
        .that()
        .haveSimpleNameNotEndingWith("Command")
        .should()
        .callMethod(Clock.class, "systemUTC")
        .check(BRIDGE);
  }

  @Test
  void sqlIsWrittenInTheStoresOnly() {
    noClasses()
        .that(resideInAPackage("io.postern.bridge.."))
        .should()
        .callMethod(org.jdbi.v3.core.Handle.class, "createQuery", String.class)
        .orShould()
        .callMethod(org.jdbi.v3.core.Handle.class, "createUpdate", String.class)
        .orShould()
        .callMethod(org.jdbi.v3.core.Handle.class, "execute", String.class, Object[].class)
        .check(BRIDGE);
  }
}
