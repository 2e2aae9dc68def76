package io.postern.mapping;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** style.md §2: the translation is pure. */
@AnalyzeClasses(
    packages = "io.postern.mapping",
    importOptions = ImportOption.DoNotIncludeTests.class)
class TranslationArchitectureTest {
  private static final String NAMES =
      ".*\\.(MailToContent|MailText|Beginning|CalendarSummary|CalendarEvent|CalendarInvitation"
          + "|CalendarLine|CalendarZones|ZoneRule|WindowsZones|FileContent|Logos|Participation"
          + "|Circumstances|ContentToMail|ComposedBody|PeerLines|SettledLines"
          + "|ReactionChange|EmojiNames|PeerName|NoticeText|OneLine|RequestMail)"
          + "(\\$.*)?;?";

  @ArchTest
  static final ArchRule translatesValuesIntoValues =
      classes()
          .that()
          .haveNameMatching(NAMES)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "io.postern.mail",
                      "io.postern.xmtp.content",
                      "io.postern.xmtp.identity",
                      "java.lang..",
                      "java.util..",
                      "java.time..",
                      "java.nio.charset")
                  .or(
                      nameMatching(
                          NAMES + "|.*\\.(ThreadIds|ThreadLink|ConversationId|Matter)(\\$.*)?")));
}
