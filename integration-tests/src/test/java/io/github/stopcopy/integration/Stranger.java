package io.github.stopcopy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody on another machine: with an empty local repository, the staged one and Maven Central,
 * for which what was downloaded here stands in.
 */
final class Stranger {

  private static final Path HOME = Checkout.WORK.resolve("stranger");

  private static boolean movedIn;

  private Stranger() {}

  /** Copies an example to the stranger's machine, in place of an earlier copy. */
  static Path copy(String example, String name) throws IOException {
    moveIn();
    Path project = HOME.resolve(name);
    Checkout.copyTree(Checkout.ROOT.resolve("examples").resolve(example), project);
    return project;
  }

  /** Builds a project of the stranger, one at a time: they have one local repository. */
  static synchronized void build(Path project, String... more)
      throws IOException, InterruptedException {
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
    List<String> words = new ArrayList<>(List.of("--settings", settings.toString()));
    words.add("-Dmaven.repo.local=" + HOME.resolve("repository"));
    words.add("-Dstopcopy.version=" + Checkout.VERSION);
    words.addAll(List.of(more));
    words.add("verify");
    MavenRun.in(Jdk.ofTheBuild(), project, words.toArray(String[]::new));
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

  private static synchronized void moveIn() throws IOException {
    if (!movedIn) {
      Checkout.deleteTree(HOME);
      Files.createDirectories(HOME);
      movedIn = true;
    }
  }
}
