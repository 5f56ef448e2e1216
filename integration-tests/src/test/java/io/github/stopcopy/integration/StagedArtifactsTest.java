package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.Pom.Dependency;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What would be published: all of it, nothing else, as Maven Central wants it, and the same in each
 * build.
 */
class StagedArtifactsTest {

  private static final String BOM = "stopcopy-bom";

  private static StagedRepository staged;

  /** What the BOM has the versions of. */
  private static List<String> listed;

  @BeforeAll
  static void stage() throws Exception {
    staged = StagedRepository.get();
    listed =
        Pom.read(staged.file(BOM, ".pom"))
            .dependencies("dependencyManagement/dependencies")
            .stream()
            .map(Dependency::artifact)
            .toList();
  }

  @Test
  void theBomListsExactlyWhatIsPublishedBesideIt() throws Exception {
    List<String> published = new ArrayList<>(staged.artifacts());

    assertThat(published.remove(BOM)).isTrue();
    assertThat(listed).hasSizeGreaterThan(5).containsExactlyInAnyOrderElementsOf(published);
    assertThat(Pom.read(staged.file(BOM, ".pom")).dependencies("dependencyManagement/dependencies"))
        .allSatisfy(each -> {
          assertThat(each.group()).isEqualTo("io.github.stopcopy");
          assertThat(each.version()).isIn("${project.version}", Checkout.VERSION);
        });
  }

  @Test
  void everyJarComesWithItsSourcesJavadocAndSbom() throws Exception {
    for (String artifact : listed) {
      assertThat(staged.kinds(artifact))
          .as(artifact)
          .containsExactly("-cyclonedx.json", "-javadoc.jar", "-sources.jar", ".jar", ".pom");
      assertThat(names(staged.file(artifact, "-javadoc.jar"))).as(artifact).contains("index.html");
      assertThat(names(staged.file(artifact, "-sources.jar")).stream().filter(isSource()).toList())
          .as(artifact)
          .containsExactlyInAnyOrderElementsOf(sources(artifact));
    }
    assertThat(staged.kinds(BOM)).containsExactly(".pom");
  }

  @Test
  void everyJarBearsItsTerms() throws Exception {
    for (String artifact : listed) {
      assertThat(names(staged.file(artifact, ".jar")))
          .as(artifact)
          .contains("META-INF/LICENSE", "META-INF/NOTICE");
    }
  }

  private static Predicate<String> isSource() {
    return name -> name.endsWith(".java");
  }

  private static List<String> sources(String artifact) throws IOException {
    Path root = Checkout.module(artifact).resolve("src/main/java");
    try (Stream<Path> files = Files.walk(root)) {
      return files.map(file -> root.relativize(file).toString()).filter(isSource()).toList();
    }
  }

  private static List<String> names(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream().map(ZipEntry::getName).toList();
    }
  }

  /** What Central refuses to be without. */
  @Test
  void everyPomSaysWhatCentralAsksFor() throws Exception {
    TreeSet<String> descriptions = new TreeSet<>();
    for (String artifact : staged.artifacts()) {
      Pom pom = Pom.read(staged.file(artifact, ".pom"));
      for (String path :
          List.of("groupId", "artifactId", "version", "name", "developers/developer/name")) {
        assertThat(pom.text(path)).as(artifact + " " + path).isNotEmpty();
      }
      assertThat(pom.text("url")).isEqualTo("https://github.com/stopcopy/stopcopy");
      assertThat(pom.text("licenses/license/name")).isEqualTo("Apache-2.0");
      assertThat(pom.text("licenses/license/url")).startsWith("https://www.apache.org/licenses/");
      assertThat(pom.text("scm/url")).isEqualTo("https://github.com/stopcopy/stopcopy");
      assertThat(pom.text("scm/connection"))
          .isEqualTo(pom.text("scm/developerConnection"))
          .isEqualTo("scm:git:https://github.com/stopcopy/stopcopy.git");
      assertThat(descriptions.add(pom.text("description"))).as(artifact).isTrue();
      assertThat(pom.text("description")).endsWith(".");
    }
  }

  @Test
  void aPomNeedsNoOtherAndHasNothingOfTheTests() throws Exception {
    for (String artifact : listed) {
      Pom pom = Pom.read(staged.file(artifact, ".pom"));

      assertThat(pom.sections())
          .as(artifact)
          .doesNotContain("parent", "properties", "build", "profiles", "repositories", "modules");
      assertThat(Files.readString(staged.file(artifact, ".pom"))).as(artifact).doesNotContain("${");
      assertThat(pom.dependencies("dependencies"))
          .as(artifact)
          .allSatisfy(each -> {
            assertThat(each.version()).matches("[0-9].*");
            assertThat(each.scope()).isIn("compile", "runtime", "provided");
          })
          .filteredOn(each -> each.group().equals("io.github.stopcopy"))
          .allSatisfy(each -> assertThat(each.artifact()).isIn(listed));
    }
    assertThat(Pom.read(staged.file(BOM, ".pom")).sections())
        .doesNotContain("parent", "dependencies");
  }

  /** The first build made the jars that lie in the modules, the second those that are staged. */
  @Test
  void twoBuildsMakeTheSameBytes() throws Exception {
    for (String artifact : listed) {
      for (String kind : List.of("", "-sources")) {
        Path first = Checkout.jar(artifact, kind);

        assertThat(Files.mismatch(first, staged.file(artifact, kind + ".jar")))
            .as(
                "first difference of "
                    + first
                    + " and what was staged; was it built from other"
                    + " sources? then ./mvnw clean helps")
            .isEqualTo(-1);
      }
      Path pom = Checkout.module(artifact).resolve("target/.flattened-pom.xml");
      assertThat(Files.mismatch(pom, staged.file(artifact, ".pom"))).isEqualTo(-1);
    }
  }

  /** Making Javadoc twice would take long; what makes it differ is known. */
  @Test
  void javadocBearsNoTimeOfTheBuild() throws Exception {
    Instant wanted = Instant.parse(System.getProperty("stopcopy.it.timestamp"));
    LocalDateTime time = LocalDateTime.ofInstant(wanted, ZoneOffset.UTC);
    for (String artifact : listed) {
      try (JarFile jar = new JarFile(staged.file(artifact, "-javadoc.jar").toFile())) {
        for (ZipEntry entry : jar.stream().toList()) {
          assertThat(entry.getTimeLocal()).as(artifact + " " + entry).isEqualTo(time);
          if (entry.getName().endsWith(".html")) {
            String page =
                new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(page)
                .as(artifact + " " + entry)
                .doesNotContain("name=\"dc.created\"")
                .doesNotContainPattern("<!-- Generated by javadoc \\([^)]*\\) on ");
          }
        }
      }
    }
  }
}
