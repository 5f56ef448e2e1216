package io.github.stopcopy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What would be published, deployed into a folder by a second build: from a copy of the sources, so
 * that nothing of the first build gets in. The latest JDK that is found makes the Javadoc. Made
 * once per JVM.
 */
final class StagedRepository {

  private static final String GROUP = "io/github/stopcopy";

  private static @Nullable StagedRepository made;

  private final Path folder;

  private StagedRepository(Path folder) {
    this.folder = folder;
  }

  static synchronized StagedRepository get() throws IOException, InterruptedException {
    if (made == null) {
      Path sources = Checkout.WORK.resolve("sources");
      Path folder = Checkout.WORK.resolve("staged");
      Checkout.deleteTree(folder);
      SourceCopy.published(sources);
      List<String> options =
          new ArrayList<>(
              List.of(
                  "-Dmaven.repo.local=" + MavenRun.DOWNLOADED,
                  "-Dmaven.test.skip=true",
                  "-Dmaven.install.skip=true",
                  "-Dmaven.javadoc.skip=false",
                  "-Dcyclonedx.skip=false",
                  "-DaltDeploymentRepository=staged::" + folder.toUri()));
      // As a release does: the jars are those of any JDK, what Javadoc checks and shows grows.
      Jdk documenting = Jdk.latest();
      if (documenting.showsSnippets()) {
        options.add("-DjavadocExecutable=" + documenting.javadoc());
        options.add("-Pwith-snippets,-without-snippets");
      }
      options.add("deploy");
      MavenRun.in(Jdk.ofTheBuild(), sources, options.toArray(String[]::new));
      made = new StagedRepository(folder);
    }
    return made;
  }

  Path folder() {
    return folder;
  }

  /** The names of all that was deployed. */
  List<String> artifacts() throws IOException {
    try (Stream<Path> folders = Files.list(folder.resolve(GROUP))) {
      return folders.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  /**
   * The ends of the names of an artifact's files, without checksums: {@code .pom}, {@code
   * -sources.jar}.
   */
  List<String> kinds(String artifact) throws IOException {
    String start = prefix(artifact);
    return files(artifact).stream().map(name -> name.substring(start.length())).sorted().toList();
  }

  /** A file of an artifact by the end of its name. */
  Path file(String artifact, String kind) throws IOException {
    return versionFolder(artifact).resolve(prefix(artifact) + kind);
  }

  private Path versionFolder(String artifact) {
    return folder.resolve(GROUP).resolve(artifact).resolve(Checkout.VERSION);
  }

  /** A snapshot's files bear the time of the deployment, the same for all of an artifact. */
  private String prefix(String artifact) throws IOException {
    String pom =
        files(artifact).stream().filter(name -> name.endsWith(".pom")).findFirst().orElseThrow();
    return pom.substring(0, pom.length() - ".pom".length());
  }

  private List<String> files(String artifact) throws IOException {
    try (Stream<Path> files = Files.list(versionFolder(artifact))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(artifact))
          .filter(name -> name.matches(".*\\.(jar|pom|json)"))
          .toList();
    }
  }
}
