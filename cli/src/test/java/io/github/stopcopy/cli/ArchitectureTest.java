package io.github.stopcopy.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpCommand;
import java.util.stream.Stream;

/** Data flows one way: input, model, decision, report. */
@AnalyzeClasses(
    packages = "io.github.stopcopy",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.github.stopcopy.";

  private static ArchRule knowsNothingOf(String name, String... others) {
    return noClasses()
        .that()
        .resideInAPackage(ROOT + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Stream.of(others).map(other -> ROOT + other + "..").toArray(String[]::new));
  }

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.github.stopcopy.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule coreKnowsNobody =
      knowsNothingOf(
          "core",
          "testkit",
          "vfiopci",
          "viommu",
          "migration",
          "qemu",
          "json",
          "live",
          "standin",
          "cli");

  @ArchTest
  static final ArchRule testkitKnowsOnlyCore =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "testkit")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.github.stopcopy..")
                  .and(not(resideInAnyPackage(ROOT + "core..", ROOT + "testkit"))));

  @ArchTest
  static final ArchRule testkitOnQemuKnowsCoreAndTheStandin =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "testkit.qemu..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.github.stopcopy..")
                  .and(
                      not(
                          resideInAnyPackage(
                              ROOT + "core..", ROOT + "standin..", ROOT + "testkit.qemu.."))));

  @ArchTest
  static final ArchRule nothingThatRunsKnowsTheTestkit =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "testkit..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOT + "testkit..", "org.junit..");

  @ArchTest
  static final ArchRule vfioKnowsOnlyCore =
      knowsNothingOf("vfiopci", "viommu", "migration", "qemu", "json", "live", "standin", "cli");

  @ArchTest
  static final ArchRule viommusKnowOnlyCoreAndNotEachOther =
      slices().matching(ROOT + "viommu.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule viommusKnowOnlyCore =
      knowsNothingOf("viommu", "vfiopci", "migration", "qemu", "json", "live", "standin", "cli");

  @ArchTest
  static final ArchRule readersKnowOnlyCore =
      knowsNothingOf("qemu", "vfiopci", "viommu", "migration", "json", "live", "standin", "cli");

  @ArchTest
  static final ArchRule decisionKnowsNeitherReadersNorViommusNorReports =
      knowsNothingOf("migration", "viommu", "qemu", "json", "live", "standin", "cli");

  @ArchTest
  static final ArchRule jsonKnowsNeitherReadersOfQemusTextsNorViommus =
      knowsNothingOf("json", "viommu", "qemu", "live", "standin", "cli");

  @ArchTest
  static final ArchRule liveKnowsNeitherViommusNorTheCommand =
      knowsNothingOf("live", "viommu", "standin", "cli");

  @ArchTest
  static final ArchRule standinKnowsTheModelByItsScenariosOnly =
      knowsNothingOf("standin", "vfiopci", "viommu", "qemu", "cli");

  /** Whoever looks at the VM of others must not change it. */
  @ArchTest
  static final ArchRule onlyTheStandinGivesQemuCommands =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "standin..")
          .should()
          .callMethod(QmpClient.class, "execute", QmpCommand.class);

  /** What is not in a public package of vfio-pci is nothing to write. */
  @ArchTest
  static final ArchRule jsonKnowsOfVfioWhatEverybodySees =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "json..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOT + "vfiopci.device..", ROOT + "vfiopci.kernel..");

  @ArchTest
  static final ArchRule theCommandHasNoJsonOfItsOwn =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson..");

  @ArchTest
  static final ArchRule jsonIsReadAsAStream =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson.databind..");

  @ArchTest
  static final ArchRule theModelDoesNoInputOrOutputAndReadsNoClock =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "core..", ROOT + "vfiopci..", ROOT + "viommu..", ROOT + "migration..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.io..", "java.nio.file..", "java.time..");

  /** Dirty bitmaps are what threads share: guests mark pages while others harvest. */
  @ArchTest
  static final ArchRule theModelIsForOneThread =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "core..", ROOT + "vfiopci..", ROOT + "viommu..", ROOT + "migration..")
          .and()
          .resideOutsideOfPackage(ROOT + "core.dirty..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.util.concurrent..");

  /** Who plays on several QEMUs at once gives that to an executor, which ends with the command. */
  @ArchTest
  static final ArchRule nobodyButTheWatchdogStartsAThread =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(PluginWatchdog.class.getName())
          .should()
          .callMethod(Thread.class, "start");

  @ArchTest
  static final ArchRule nothingStaticChanges = fields().that().areStatic().should().beFinal();
}
