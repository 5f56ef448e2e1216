package io.github.stopcopy.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Data flows one way: input, model, decision, report. */
@AnalyzeClasses(
    packages = "io.github.stopcopy",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "io.github.stopcopy.";

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.github.stopcopy.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule coreKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "testkit..",
              ROOT + "vfiopci..",
              ROOT + "viommu..",
              ROOT + "migration..",
              ROOT + "qemu..",
              ROOT + "cli..");

  @ArchTest
  static final ArchRule testkitKnowsOnlyCore =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "testkit..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "vfiopci..",
              ROOT + "viommu..",
              ROOT + "migration..",
              ROOT + "qemu..",
              ROOT + "cli..");

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
      noClasses()
          .that()
          .resideInAPackage(ROOT + "vfiopci..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "viommu..", ROOT + "migration..", ROOT + "qemu..", ROOT + "cli..");

  @ArchTest
  static final ArchRule viommusKnowOnlyCoreAndNotEachOther =
      slices().matching(ROOT + "viommu.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule viommusKnowOnlyCore =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "viommu..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "vfiopci..", ROOT + "migration..", ROOT + "qemu..", ROOT + "cli..");

  @ArchTest
  static final ArchRule readersKnowOnlyCore =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "qemu..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + "vfiopci..", ROOT + "viommu..", ROOT + "migration..", ROOT + "cli..");

  @ArchTest
  static final ArchRule decisionKnowsNeitherReadersNorViommusNorReports =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "migration..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ROOT + "viommu..", ROOT + "qemu..", ROOT + "cli..");

  @ArchTest
  static final ArchRule theModelDoesNoInputOrOutputAndReadsNoClock =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "core..", ROOT + "vfiopci..", ROOT + "viommu..", ROOT + "migration..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..", "java.nio.file..", "java.time..", "java.util.concurrent..");
}
