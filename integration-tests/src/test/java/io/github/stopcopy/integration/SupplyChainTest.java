package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import io.github.stopcopy.integration.Sbom.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What docs/releases.md says of SBOMs, licences and the workflows. */
class SupplyChainTest {

  /** The only thing that an action of somebody else may be pinned by, and which release that is. */
  private static final Pattern PINNED = Pattern.compile("[\\w-]+/[\\w-]+@[0-9a-f]{40} # v[0-9.]+");

  private static final Pattern USES = Pattern.compile("(?m)^\\s*(?:- )?uses:\\s*(.*)$");

  private static StagedRepository staged;

  @BeforeAll
  static void stage() throws Exception {
    staged = StagedRepository.get();
  }

  private static Sbom sbom(String artifact) throws Exception {
    return Sbom.read(staged.file(artifact, "-cyclonedx.json"));
  }

  /** The jars are those of the first build, the digests are of the one that was staged. */
  @Test
  void theSbomOfTheCommandNamesEachJarThatItRunsWith() throws Exception {
    TreeMap<String, String> named = new TreeMap<>();
    for (Component each : sbom("stopcopy-cli").components()) {
      named.put(each.name() + "-" + each.version() + ".jar", each.sha256());
    }
    TreeMap<String, String> shipped = new TreeMap<>();
    try (Stream<Path> jars = Files.list(Checkout.libraries())) {
      for (Path jar : jars.toList()) {
        shipped.put(
            jar.getFileName().toString(), Hashing.sha256().hashBytes(Files.readAllBytes(jar)) + "");
      }
    }
    // Annotations that the compiler reads and nothing runs with.
    assertThat(named.keySet().removeIf(name -> name.startsWith("jspecify-"))).isTrue();

    assertThat(shipped).hasSizeGreaterThan(10);
    assertThat(named).isEqualTo(shipped);
  }

  /** The digests in them are compared above, with jars of another build; what else could differ: */
  @Test
  void anSbomBearsNeitherTimeNorChanceOfTheBuild() throws Exception {
    for (String artifact : staged.artifacts()) {
      if (!artifact.equals("stopcopy-bom")) {
        Sbom sbom = sbom(artifact);

        assertThat(sbom.timestamp()).as(artifact).isEmpty();
        assertThat(sbom.serialNumber().version())
            .as(artifact + ": made of its content")
            .isEqualTo(3);
      }
    }
  }

  @Test
  void thePageNamesTheLicenceOfEachJarThatIsShipped() throws Exception {
    TreeSet<String> rows = new TreeSet<>();
    for (Component each : sbom("stopcopy-cli").components()) {
      if (!each.group().equals("io.github.stopcopy")) {
        rows.add("| `" + each.group() + ":" + each.name() + "` | " + each.licence() + " |");
      }
    }
    String page = Files.readString(Checkout.ROOT.resolve("docs/releases.md"));

    assertThat(rows).hasSizeGreaterThan(5);
    assertThat(page.lines().filter(line -> line.startsWith("| `") && line.contains(":")))
        .containsExactlyElementsOf(rows);
  }

  @Test
  void actionsOfOthersArePinnedByHash() throws IOException {
    List<String> used = new ArrayList<>();
    try (Stream<Path> files = Files.list(Checkout.ROOT.resolve(".github/workflows"))) {
      for (Path file : files.toList()) {
        Matcher uses = USES.matcher(Files.readString(file));
        while (uses.find()) {
          used.add(uses.group(1));
        }
      }
    }

    assertThat(used).hasSizeGreaterThan(3).allMatch(each -> PINNED.matcher(each).matches());
  }
}
