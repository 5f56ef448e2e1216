package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Somebody on another machine: with an empty local repository, the staged one and Maven Central,
 * for which what was downloaded here stands in. Each example is a project of its own there; that
 * one Maven builds them all, once, only saves the time of the others.
 */
final class Stranger {

  private static final Path HOME = Checkout.WORK.resolve("stranger");

  /** The library example with another vIOMMU model as its dependency and nothing else changed. */
  static final String SWAPPED = "library-swapped";

  /** Large, and built only where it is asked for. */
  private static final String SPARK = "fleet-spark";

  private static boolean tried;
  private static Optional<Throwable> failure = Optional.empty();

  private Stranger() {}

  /** Whether the example for Spark is built, too. */
  static boolean hasSpark() {
    return System.getProperty("stopcopy.spark") != null;
  }

  /**
   * The folder of a project that is built: an example by its name, or {@link #SWAPPED}. A build
   * that failed is not tried again.
   */
  static synchronized Path built(String project) {
    if (!tried) {
      tried = true;
      try {
        buildAll();
      } catch (Exception | AssertionError failed) {
        failure = Optional.of(failed);
      }
    }
    if (failure.isPresent()) {
      throw new AssertionError("the projects of strangers cannot be built", failure.get());
    }
    return HOME.resolve(project);
  }

  private static void buildAll() throws Exception {
    Checkout.deleteTree(HOME);
    Files.createDirectories(HOME);
    List<String> projects = new ArrayList<>();
    for (Path example : examples()) {
      Checkout.copyTree(example, HOME.resolve(example.getFileName()));
      projects.add(example.getFileName().toString());
    }
    swapModel();
    projects.add(SWAPPED);
    build(projects);
  }

  private static List<Path> examples() throws IOException {
    try (Stream<Path> examples = Files.list(Checkout.ROOT.resolve("examples"))) {
      return examples
          .filter(example -> Files.exists(example.resolve("pom.xml")))
          .filter(example -> hasSpark() || !example.endsWith(SPARK))
          .sorted()
          .toList();
    }
  }

  private static void swapModel() throws IOException {
    Path project = HOME.resolve(SWAPPED);
    Checkout.copyTree(Checkout.ROOT.resolve("examples/library"), project);
    Path pom = project.resolve("pom.xml");
    String before = Files.readString(pom);
    String after = once(before, "stopcopy-viommu-intel", "stopcopy-viommu-virtio");
    Files.writeString(
        pom,
        once(
            after, "<artifactId>library</artifactId>", "<artifactId>" + SWAPPED + "</artifactId>"));
  }

  private static String once(String text, String from, String to) {
    String[] around = text.split(Pattern.quote(from), -1);
    assertThat(around).as(from).hasSize(2);
    return String.join(to, around);
  }

  private static void build(List<String> projects) throws Exception {
    Files.writeString(
        HOME.resolve("pom.xml"),
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>com.example</groupId>
          <artifactId>all</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          <modules>%s</modules>
        </project>
        """
            .formatted(
                projects.stream()
                    .map(each -> "<module>" + each + "</module>")
                    .collect(Collectors.joining())));
    Path settings = HOME.resolve("settings.xml");
    Files.writeString(
        settings,
        """
        <settings>
          <profiles>
            <profile>
              <id>stranger</id>
              <repositories>%s%s</repositories>
              <pluginRepositories>%s</pluginRepositories>
            </profile>
          </profiles>
          <activeProfiles>
            <activeProfile>stranger</activeProfile>
          </activeProfiles>
        </settings>
        """
            .formatted(
                repository("repository", StagedRepository.get().folder(), true),
                repository("repository", MavenRun.DOWNLOADED, false),
                repository("pluginRepository", MavenRun.DOWNLOADED, false)));
    List<String> words =
        new ArrayList<>(
            List.of(
                "--fail-at-end",
                "--settings",
                settings.toString(),
                "-Dmaven.repo.local=" + HOME.resolve("repository"),
                "-DargLine=" + String.join(" ", Jdk.SHORT_RUN),
                "-Dstopcopy.version=" + Checkout.VERSION));
    // For the tracker, of which a real QEMU is asked.
    RealQemu.program().ifPresent(program -> words.add("-Dstopcopy.qemu=" + program));
    words.add("-Dstopcopy.qemu.writes=2000");
    words.add("verify");
    MavenRun.in(Jdk.ofTheBuild(), HOME, words.toArray(String[]::new));
  }

  /** A folder as a repository: the staged one, or one with releases only and without checksums. */
  private static String repository(String element, Path folder, boolean staged) {
    return """
    <%1$s>
      <id>%2$s</id>
      <url>%3$s</url>
      <releases>
        <checksumPolicy>%4$s</checksumPolicy>
      </releases>
      <snapshots>
        <enabled>%5$s</enabled>
        <checksumPolicy>%4$s</checksumPolicy>
      </snapshots>
    </%1$s>
    """
        .formatted(
            element, folder.getFileName(), folder.toUri(), staged ? "fail" : "ignore", staged);
  }
}
