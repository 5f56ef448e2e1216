package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.integration.CommandHome.Run;
import io.github.stopcopy.integration.CommandJars.Place;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Jars of others beside the built jars: good ones, bad ones, and two that want one name. */
class PluginJarsTest {

  private static final String LEFT_OUT = "stopcopy: a plugin could not be loaded and is left out: ";
  private static final Path EXAMPLE = Checkout.ROOT.resolve("examples/plain-one-vf");

  @TempDir private static Path folder;

  private static Path good;
  private static Path sameName;
  private static Path rival;
  private static Path throwing;
  private static Path outdated;
  private static Path missing;

  @BeforeAll
  static void write() throws Exception {
    PluginJar plugins = new PluginJar(folder);
    good = plugins.good("Good", "good");
    sameName = plugins.good("Other", "good");
    rival = plugins.good("Rival", "mlx5");
    throwing = plugins.throwing("Throwing");
    outdated = plugins.outdated();
    missing = plugins.missing();
  }

  static List<Arguments> runs() throws Exception {
    return BuiltJarsTest.runs();
  }

  static List<Jdk> jdks() throws Exception {
    return Jdk.all();
  }

  @Test
  void aPluginInItsOwnClassLoaderIsFoundThereOnlyAndUsed() throws Exception {
    assertThat(Plugins.class.getProtectionDomain().getCodeSource().getLocation().getPath())
        .endsWith(".jar");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {good.toUri().toURL()}, Plugins.class.getClassLoader())) {
      Plugins plugins = Plugins.load(loader);
      String line = Files.readString(EXAMPLE.resolve("qemu.args"));
      Verdict verdict =
          MigrationCheck.of(QemuCommandLine.parse("qemu.args", line))
              .plugins(plugins)
              .tracker(TrackerRequest.forAll("good"))
              .decide();

      assertThat(plugins.problems()).isEmpty();
      assertThat(plugins.dirtyTrackers().describe())
          .anyMatch(known -> known.name().equals("good") && known.origin().equals(good.toString()));
      assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    }
    assertThat(Plugins.load().dirtyTrackers().names()).doesNotContain("good").contains("mlx5");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void brokenJarsAreReportedAndTheOthersLoad(Jdk jdk) throws Exception {
    CommandJars jars = CommandJars.all().with(missing, throwing, outdated, good);
    Run run = jars.start(folder, jdk, Place.CLASS_PATH, "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern(" good +.*com\\.example\\.Good +" + good + "\n")
        .contains("intel-iommu", "mlx5")
        .doesNotContain("Throwing", "Outdated", "Missing");
    assertThat(run.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(LEFT_OUT).contains("com.example.Missing"),
            line ->
                assertThat(line)
                    .startsWith(LEFT_OUT)
                    .contains("com.example.Throwing", "IllegalStateException: not today"),
            line ->
                assertThat(line)
                    .startsWith(LEFT_OUT + "AbstractMethodError: ")
                    .contains("com.example.Outdated"));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void withBrokenJarsBesideAVmIsAnswered(Jdk jdk) throws Exception {
    Run run =
        CommandJars.all()
            .with(missing, throwing, outdated, good)
            .start(
                folder,
                jdk,
                Place.CLASS_PATH,
                "check",
                "--qemu-args",
                EXAMPLE.resolve("qemu.args").toString(),
                "--host",
                EXAMPLE.resolve("host.json").toString(),
                "--tracker",
                "good");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("migratable: ");
    assertThat(run.err().lines()).hasSize(3).allMatch(line -> line.startsWith(LEFT_OUT));
  }

  /** The JVM reads over such files without a word. */
  @Test
  void filesInTheFolderOfPluginsThatAreNoJarsAreReportedAndTheOthersLoad() throws Exception {
    CommandHome home = CommandHome.make(folder.resolve("with files"));
    Path plugins = Files.createDirectories(home.plugins());
    Files.copy(good, plugins.resolve("good.jar"));
    Path cut = plugins.resolve("cut.jar");
    byte[] whole = Files.readAllBytes(good);
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    Path text = Files.writeString(plugins.resolve("text.jar"), "not yet");
    Path notes = Files.writeString(plugins.resolve("notes.txt"), "which plugin is whose");
    Path empty = Files.createFile(plugins.resolve("empty.jar"));
    Files.writeString(plugins.resolve(".hidden"), "");
    Files.createDirectories(plugins.resolve("off"));
    home.start("plugins"); // builds, and says so
    Run run = home.start("plugins");
    Run check =
        home.start("check", "--qemu-args", "examples/plain-one-vf/qemu.args", "--tracker", "good");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("com.example.Good");
    for (Run each : List.of(run, check)) {
      assertThat(each.err().lines())
          .allMatch(
              line -> line.startsWith(LEFT_OUT) && line.contains(" is no jar that can be read"))
          .extracting(line -> line.substring(LEFT_OUT.length(), line.indexOf(" is no jar")))
          .containsExactlyInAnyOrder(real(cut), real(text), real(notes), real(empty));
    }
    assertThat(check.out()).startsWith("conditional: ");
  }

  private static String real(Path file) throws Exception {
    return file.toRealPath().toString();
  }

  /** A jar that promises a class and does not have it is refused by the JVM itself there. */
  @ParameterizedTest
  @MethodSource("jdks")
  void onTheModulePathBrokenModulesAreReportedToo(Jdk jdk) throws Exception {
    CommandJars jars = CommandJars.all().with(throwing);
    Run run = jars.start(folder, jdk, Place.MODULE_PATH, "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("intel-iommu", "mlx5").doesNotContain("Throwing");
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith(LEFT_OUT)
        .contains("com.example.Throwing", "IllegalStateException: not today");
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void twoJarsThatOfferOneNameAreBothNamed(Jdk jdk) throws Exception {
    CommandJars jars = CommandJars.all().with(good, sameName);
    Run run = jars.start(folder, jdk, Place.CLASS_PATH, "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("intel-iommu", "mlx5");
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: two plugins are named good: com.example.Good from "
                + good
                + " and com.example.Other from "
                + sameName
                + ", expected one\n");
  }

  @ParameterizedTest
  @MethodSource("runs")
  void aJarThatOffersANameOfOursIsNamedWithOurs(Jdk jdk, Place place) throws Exception {
    Run run = CommandJars.all().with(rival).start(folder, jdk, place, "plugins");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("intel-iommu", "pds").doesNotContain("mlx5");
    assertThat(run.err())
        .startsWith("stopcopy: two plugins are named mlx5: ")
        .contains("com.example.Rival from " + rival)
        .containsPattern("Mlx5TrackerProvider from .*/stopcopy-vfio-pci-[^/]*\\.jar");
  }
}
