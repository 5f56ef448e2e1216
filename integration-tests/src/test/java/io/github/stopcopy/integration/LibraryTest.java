package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.CommandHome.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A program of a stranger that depends on core and one vIOMMU model, which is then another one. */
class LibraryTest {

  private static final Pattern SNIPPET = Pattern.compile("(?s)```xml\n(.*?)```");

  private static Run run(Path project) throws Exception {
    Path jar = project.resolve("target").resolve(project.getFileName() + "-1.0.0.jar");
    return CommandHome.run(
        project, Map.of(), List.of(Jdk.all().get(0).java(), "-jar", jar.toString()));
  }

  private static List<String> ownJars(Path project) throws IOException {
    try (Stream<Path> libraries = Files.list(project.resolve("target/lib"))) {
      return libraries
          .map(library -> library.getFileName().toString())
          .filter(name -> name.startsWith("stopcopy-"))
          .sorted()
          .toList();
    }
  }

  private static String versioned(String artifact) {
    return artifact + "-" + Checkout.VERSION + ".jar";
  }

  private static String withoutIndents(String xml) {
    return xml.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  @Test
  void theReadmeNamesTheDependenciesOfThisProgram() throws Exception {
    Matcher snippet = SNIPPET.matcher(Files.readString(Checkout.ROOT.resolve("README.md")));
    String pom = Files.readString(Checkout.ROOT.resolve("examples/library/pom.xml"));

    assertThat(snippet.find()).isTrue();
    assertThat(withoutIndents(pom)).contains(withoutIndents(snippet.group(1)));
    assertThat(snippet.group(1))
        .contains("stopcopy-bom", "stopcopy-core", "stopcopy-viommu-intel")
        .contains("<version>" + Checkout.VERSION + "</version>");
    assertThat(snippet.find()).isFalse();
  }

  @Test
  void coreAndOneModelAreEnough() throws Exception {
    Path project = Stranger.built("library");
    Run run = run(project);

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("intel-iommu: 48 bits, up to 0xffffffffffff\n")
        .contains("\n  [0x0,0x7fffffff] pc.ram\n");
    assertThat(ownJars(project))
        .containsExactly(versioned("stopcopy-core"), versioned("stopcopy-viommu-intel"));
    for (String artifact : List.of("stopcopy-core", "stopcopy-viommu-intel")) {
      Path used = project.resolve("target/lib").resolve(versioned(artifact));

      assertThat(Files.mismatch(used, StagedRepository.get().file(artifact, ".jar"))).isEqualTo(-1);
    }
  }

  @Test
  void anotherModelIsAnotherDependencyAndNothingElse() throws Exception {
    Path project = Stranger.built(Stranger.SWAPPED);
    Run run = run(project);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("virtio-iommu-pci: ").doesNotContain("intel");
    assertThat(ownJars(project))
        .containsExactly(versioned("stopcopy-core"), versioned("stopcopy-viommu-virtio"));
  }
}
