package io.github.stopcopy.integration;

import io.github.stopcopy.integration.Pom.Dependency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The sources of all modules, their tests and the examples as one project under the root's POM.
 * What checks sources takes longer to be loaded, once for each module, than to look at most of
 * them.
 */
final class WholeProject {

  private static final String DEPENDENCY =
      "<dependency><groupId>%s</groupId><artifactId>%s</artifactId></dependency>";

  private static final String POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <parent>
          <groupId>io.github.stopcopy</groupId>
          <artifactId>stopcopy-parent</artifactId>
          <version>%s</version>
        </parent>
        <artifactId>stopcopy-whole</artifactId>
        <properties>
          <flatten.skip>true</flatten.skip>
        </properties>
        <dependencies>%s</dependencies>
      </project>
      """;

  private WholeProject() {}

  /** Writes it below a copy of the root's POM, which has this one for all its modules. */
  static void write(Path to) throws Exception {
    SourceCopy.begin(to);
    Path root = to.resolve("pom.xml");
    String modules = "<modules><module>bom</module><module>whole</module></modules>";
    Files.writeString(
        root, Files.readString(root).replaceFirst("(?s)<modules>.*?</modules>", modules));
    Files.createDirectories(to.resolve("bom"));
    Files.copy(Checkout.ROOT.resolve("bom/pom.xml"), to.resolve("bom/pom.xml"));

    Path project = Files.createDirectories(to.resolve("whole"));
    Checkout.copyTree(Checkout.ROOT.resolve("examples"), project.resolve("examples"));
    Set<String> dependencies = new LinkedHashSet<>();
    for (Path module : Checkout.modules()) {
      String name = module.getFileName().toString();
      copySources(module.resolve("src/main/java"), project, "main", name);
      copySources(module.resolve("src/test/java"), project, name + "-test", name + "-test");
      for (Dependency each : Pom.read(module.resolve("pom.xml")).dependencies("dependencies")) {
        if (!each.group().equals("io.github.stopcopy") && !each.scope().equals("test")) {
          dependencies.add(DEPENDENCY.formatted(each.group(), each.artifact()));
        }
      }
    }
    Files.writeString(
        project.resolve("pom.xml"), POM.formatted(Checkout.VERSION, String.join("", dependencies)));
  }

  /**
   * Copies the sources of a module below {@code src}: only those in {@code main} are compiled, all
   * are formatted. One project is at most one module, so what says what is in a module is not
   * compiled.
   */
  private static void copySources(Path sources, Path project, String folder, String ofModules)
      throws IOException {
    for (Path file : Checkout.javaFiles(sources)) {
      String in = file.endsWith("module-info.java") ? ofModules : folder;
      Path copy = project.resolve("src/" + in + "/java").resolve(sources.relativize(file));
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy);
    }
  }
}
