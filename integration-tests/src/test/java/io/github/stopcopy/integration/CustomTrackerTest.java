package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.integration.CommandHome.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example's tracker, built by a stranger, in the launcher's plugin folder and path. */
class CustomTrackerTest {

  private static final String[] CHECK = {
    "check",
    "--qemu-args",
    "examples/plain-one-vf/qemu.args",
    "--host",
    "examples/plain-one-vf/host.json",
    "--mtree",
    "examples/plain-one-vf/mtree.txt"
  };

  @TempDir private static Path temp;

  /** The folder with the example's jars. */
  private static Path built;

  /** Has the example's jars in its plugin folder, and a jar whose provider is missing. */
  private static CommandHome home;

  /** Has no plugin folder. */
  private static CommandHome bare;

  @BeforeAll
  static void install() throws Exception {
    Path project = Stranger.built("custom-tracker");
    built = project.resolve("target/plugin");
    home = CommandHome.make(temp.resolve("stop copy"));
    CommandHome.copyFiles(built, home.plugins());
    writeBroken(home.plugins().resolve("a broken one.jar"));
    bare = CommandHome.make(temp.resolve("bare"));

    assertThat(home.start("plugins").exitCode()).isZero();
    assertThat(bare.start("plugins").exitCode()).isZero();
  }

  private static void writeBroken(Path file) throws IOException {
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
      jar.putNextEntry(new ZipEntry("META-INF/services/" + DirtyTrackerProvider.class.getName()));
      jar.write("com.example.Missing\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String[] check(String... more) {
    return Stream.concat(Stream.of(CHECK), Stream.of(more)).toArray(String[]::new);
  }

  private static void assertOnlyTheBrokenOneIsReported(Run run) {
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("stopcopy: a plugin could not be loaded and is left out: ")
        .contains("com.example.Missing");
  }

  @Test
  void pluginsListsItWithJarAndVersionBesideABrokenOne() throws Exception {
    Run run = home.start("plugins");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern(
            "roaring +1\\.0\\.0 +com\\.example\\.tracker\\.RoaringTrackerProvider +"
                + home.plugins().toRealPath()
                + "/custom-tracker-1\\.0\\.0\\.jar\n")
        .containsPattern("mlx5 +[0-9]+\\.[0-9]+.*stopcopy-vfio-pci-.*\\.jar\n");
    assertOnlyTheBrokenOneIsReported(run);
  }

  @Test
  void checkAnswersWithItForEveryDevice() throws Exception {
    Run run = home.start(check("--tracker", "roaring"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("migratable: ").doesNotContain("64 KiB");
    assertOnlyTheBrokenOneIsReported(run);
  }

  @Test
  void checkAnswersWithItForOneDeviceAndAParameter() throws Exception {
    Run run = home.start(check("--tracker", "gpu0=roaring,page-size=64K"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("migratable: ")
        .containsPattern("roaring logs [^\n]*in pages[^\n]*\n[^\n]* 64 KiB ");
  }

  @Test
  void runAnswersWithIt() throws Exception {
    String story = "examples/kexec-mid-migration/scenario.jsonl";
    Run run = home.start("run", "--tracker", "roaring", story);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isNotEmpty().isEqualTo(bare.start("run", story).out());
  }

  @Test
  void whatItRefusesIsOneLine() throws Exception {
    Run run = home.start(check("--tracker", "roaring,pages=4"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .hasSize(2)
        .last()
        .asString()
        .contains("'pages' is unknown, expected one of page-size");
  }

  @Test
  void aNameThatIsNoneIsRefusedWithThoseThatAre() throws Exception {
    Run run = bare.start(check("--tracker", "roaring"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: no dirty tracker is named 'roaring', expected one of"
                + " all-dirty, device-log, mlx5, pds\n");
    assertThat(home.start(check("--tracker", "abacus")).err()).contains("mlx5").contains("roaring");
  }

  @Test
  void thePluginPathNamesJarsOrAllJarsOfAFolder() throws Exception {
    List<String> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(home.plugins())) {
      files.map(Path::toString).filter(jar -> !jar.contains("broken")).forEach(jars::add);
    }
    for (String path :
        List.of(String.join(":", jars), ":" + built + "/*", "../stop copy/plugins/*")) {
      Run run = bare.start(Map.of("STOPCOPY_PLUGIN_PATH", path), check("--tracker", "roaring"));

      assertThat(run.exitCode()).as(path + ": " + run.err()).isZero();
      assertThat(run.out()).startsWith("migratable: ");
    }
  }

  @Test
  void aPlaceThatDoesNotExistIsNamed() throws Exception {
    Run run = bare.start(Map.of("STOPCOPY_PLUGIN_PATH", "/no/such.jar"), "plugins");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: STOPCOPY_PLUGIN_PATH names '/no/such.jar', which does not exist,"
                + " expected jars, folders of classes or FOLDER/*\n");
  }

  @Test
  void aPluginWithAColonInItsNameIsTold() throws Exception {
    Path file = Files.createFile(home.plugins().resolve("tracker:2.jar"));
    try {
      Run run = home.start("plugins");

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err().lines())
          .contains(
              "stopcopy: '"
                  + file.toRealPath()
                  + "' has a colon in its name, which no class path can hold, and is left out");
    } finally {
      Files.delete(file);
    }
  }

  /** In a folder without blanks: with them the JVM archives fewer classes. */
  @Test
  void theArchiveOfClassesFitsWithAndWithoutPlugins() throws Exception {
    Path jar = bare.command().resolve(Checkout.jar("stopcopy-cli", "").getFileName());
    Path archive = bare.archives().get(0);
    for (String places : List.of(jar.toString(), jar + ":" + built + "/*")) {
      Run run =
          CommandHome.run(
              bare.folder(),
              Map.of(),
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:SharedArchiveFile=" + archive,
                  "-Xlog:class+load",
                  "-cp",
                  places,
                  "io.github.stopcopy.cli.StopcopyCommand",
                  "plugins"));

      assertThat(run.out()).contains("stopcopy.cli.StopcopyCommand source: shared objects file\n");
    }
  }
}
