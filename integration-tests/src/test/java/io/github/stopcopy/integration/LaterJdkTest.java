package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs beside all other tests, which leave a core idle half of the time. What a build with a later
 * JDK checks beyond this one: Error Prone and NullAway, the format, whether its compiler and its
 * Javadoc have anything to say. A build with that JDK has checked all of it before it comes here,
 * and makes Javadoc for {@link StagedRepository}.
 */
@Execution(ExecutionMode.CONCURRENT)
class LaterJdkTest {

  @Test
  void aBuildOfTheSourcesHasNoWarnings() throws Exception {
    List<Jdk> jdks = Jdk.all();
    if (jdks.size() > 1) {
      Path sources = Checkout.WORK.resolve("later-jdk");
      SourceCopy.whole(sources);
      MavenRun.in(
          jdks.get(1),
          sources,
          "-T2",
          "-Dmaven.repo.local=" + MavenRun.DOWNLOADED,
          "-DskipTests",
          "-Dmaven.source.skip=true",
          "-Dmaven.javadoc.skip=false",
          "verify");

      assertThat(page(sources.resolve("migration/target/stopcopy-migration-")))
          .contains("<pre class=\"snippet\"")
          .contains("QemuCommandLine.parse(");
    }
  }

  private static String page(Path jarWithoutVersion) throws IOException {
    String jar = jarWithoutVersion + Checkout.VERSION + "-javadoc.jar";
    try (JarFile file = new JarFile(jar)) {
      ZipEntry page =
          file.stream()
              .filter(each -> each.getName().endsWith("/MigrationCheck.html"))
              .findFirst()
              .orElseThrow();
      return new String(file.getInputStream(page).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
