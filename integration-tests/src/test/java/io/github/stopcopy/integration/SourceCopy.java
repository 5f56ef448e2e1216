package io.github.stopcopy.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Copies the sources for a second build, so that nothing of the first build gets in. */
final class SourceCopy {

  private SourceCopy() {}

  /**
   * The modules without their tests, but for those that the Javadoc shows; of those that are not
   * published the POM is enough.
   */
  static void published(Path to) throws IOException {
    begin(to);
    for (Path module : Checkout.modules()) {
      Path copy = Files.createDirectories(to.resolve(module.getFileName()));
      Files.copy(module.resolve("pom.xml"), copy.resolve("pom.xml"));
    }
    for (Path module : Checkout.publishedModules()) {
      Path copy = to.resolve(module.getFileName());
      Checkout.copyTree(module.resolve("src/main"), copy.resolve("src/main"));
    }
    Path snippets = Checkout.ROOT.relativize(Checkout.SNIPPETS);
    Checkout.copyTree(Checkout.SNIPPETS, to.resolve(snippets));
  }

  /** What every build needs, in a folder without anything else. */
  static void begin(Path to) throws IOException {
    Checkout.deleteTree(to);
    Files.createDirectories(to);
    for (String file : List.of("pom.xml", "LICENSE", "NOTICE")) {
      Files.copy(Checkout.ROOT.resolve(file), to.resolve(file));
    }
    Checkout.copyTree(Checkout.ROOT.resolve(".mvn"), to.resolve(".mvn"));
  }
}
