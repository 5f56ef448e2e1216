package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * What a build with a later JDK checks beyond this one: Error Prone and NullAway on what is
 * shipped, the format of all sources, whether its compiler and its Javadoc have anything to say. A
 * build with that JDK has checked all of it, module by module and the tests too, before it comes
 * here.
 */
@Order(1)
class LaterJdkTest {

  @Test
  void aBuildOfTheSourcesHasNoWarnings() throws Exception {
    List<Jdk> jdks = Jdk.all();
    if (jdks.size() > 1) {
      Path sources = Checkout.WORK.resolve("later-jdk");
      WholeProject.write(sources);
      MavenRun.in(
          jdks.get(1),
          sources,
          "-Dmaven.repo.local=" + MavenRun.DOWNLOADED,
          "-Dmaven.test.skip=true",
          "-Dmaven.compiler.proc=none",
          "-Dmaven.source.skip=true",
          "verify");
    }
  }

  /** Code in Javadoc is part of a test that is compiled; JDK 17 shows none of it. */
  @Test
  void javadocShowsTheCodeOfTests() throws Exception {
    assumeTrue(Jdk.latest().showsSnippets(), "skipped: no later JDK");

    assertThat(page(StagedRepository.get().file("stopcopy-migration", "-javadoc.jar")))
        .contains("<pre class=\"snippet\"")
        .contains("QemuCommandLine.parse(");
  }

  private static String page(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      ZipEntry page =
          file.stream()
              .filter(each -> each.getName().endsWith("/MigrationCheck.html"))
              .findFirst()
              .orElseThrow();
      return new String(file.getInputStream(page).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
