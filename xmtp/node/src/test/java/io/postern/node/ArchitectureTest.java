package io.postern.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.postern.xmtp.store.Migrations;

/**
 * What the node may use: the identity rules and MLS to check what is published, never a client's
 * own machinery. How tables are migrated is the same for both.
 */
@AnalyzeClasses(packages = "io.postern.node", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule usesOnlyWhatANodeNeeds =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "io.postern.node..",
                      "io.postern.mls..",
                      "io.postern.xmtp.identity..",
                      "io.postern.xmtp.proto..",
                      "com.google.protobuf..",
                      "com.google.common..",
                      "io.grpc..",
                      "org.flywaydb..",
                      "org.h2..",
                      "org.jdbi..",
                      "org.slf4j..",
                      "java..")
                  .or(type(Migrations.class)));

  @ArchTest
  static final ArchRule checksReadNoDatabaseAndNoClockOfTheirOwn =
      noClasses()
          .that()
          .haveSimpleName("PublishCheck")
          .or()
          .haveSimpleName("MlsHeader")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.jdbi..", "java.sql..", "org.slf4j..", "java.io..");
}
