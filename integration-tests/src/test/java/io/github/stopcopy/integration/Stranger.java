package io.github.stopcopy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

  /** Builds a project of the stranger. */
  static void build(Path project) throws IOException, InterruptedException {
    Path settings = HOME.resolve("settings.xml");
    Files.writeString(
        settings,
        """
        <settings>
          <profiles>
            <profile>
              <id>stranger</id>
              <repositories>
                <repository>
                  <id>staged</id>
                  <url>%1$s</url>
                  <releases>
                    <checksumPolicy>fail</checksumPolicy>
                  </releases>
                  <snapshots>
                    <checksumPolicy>fail</checksumPolicy>
                  </snapshots>
                </repository>
                <repository>
                  <id>downloaded</id>
                  <url>%2$s</url>
                  <releases>
                    <checksumPolicy>ignore</checksumPolicy>
                  </releases>
                  <snapshots>
                    <enabled>false</enabled>
                  </snapshots>
                </repository>
              </repositories>
              <pluginRepositories>
                <pluginRepository>
                  <id>downloaded</id>
                  <url>%2$s</url>
                  <releases>
                    <checksumPolicy>ignore</checksumPolicy>
                  </releases>
                  <snapshots>
                    <enabled>false</enabled>
                  </snapshots>
                </pluginRepository>
              </pluginRepositories>
            </profile>
          </profiles>
          <activeProfiles>
            <activeProfile>stranger</activeProfile>
          </activeProfiles>
        </settings>
        """
            .formatted(StagedRepository.get().folder().toUri(), MavenRun.DOWNLOADED.toUri()));
    MavenRun.in(
        Jdk.ofTheBuild(),
        project,
        "--settings",
        settings.toString(),
        "-Dmaven.repo.local=" + HOME.resolve("repository"),
        "-Dstopcopy.version=" + Checkout.VERSION,
        "verify");
  }

  private static synchronized void moveIn() throws IOException {
    if (!movedIn) {
      Checkout.deleteTree(HOME);
      Files.createDirectories(HOME);
      movedIn = true;
    }
  }
}
