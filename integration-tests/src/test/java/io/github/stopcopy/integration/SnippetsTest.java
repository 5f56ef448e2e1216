package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the README and the Javadoc show of Java is a part of a test that is compiled and run: see
 * {@code com.example.snippets}.
 */
class SnippetsTest {

  private static final Pattern REGION =
      Pattern.compile("(?s) *// @start region=(\\S+)\n(.*?) *// @end\n");
  private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern SNIPPET = Pattern.compile("\\{@snippet\\b([^}]*)}");
  private static final Pattern EXTERNAL =
      Pattern.compile("\\s+file=\"(\\S+)\"[\\s*]+region=\"(\\S+)\"\\s*");

  /** The text of each region by its file and name, as {@code VerdictTest.java libvirt}. */
  private static final Map<String, String> REGIONS = new LinkedHashMap<>();

  private static final List<String> README = new ArrayList<>();

  @BeforeAll
  static void read() throws IOException {
    for (Path file : Checkout.javaFiles(Checkout.SNIPPETS)) {
      for (MatchResult region : all(REGION, Files.readString(file))) {
        String before = REGIONS.put(file.getFileName() + " " + region.group(1), shown(region, 2));
        assertThat(before).as(region.group(1) + " is there once").isNull();
      }
    }
    for (MatchResult block : all(BLOCK, Files.readString(Checkout.ROOT.resolve("README.md")))) {
      README.add(shown(block, 1));
    }
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.results().toList();
  }

  private static String shown(MatchResult match, int group) {
    return match.group(group).stripTrailing().stripIndent();
  }

  /** What stands in the Javadoc of all modules, as keys of the regions. */
  private static TreeSet<String> shownInJavadoc() throws IOException {
    TreeSet<String> shown = new TreeSet<>();
    for (Path module : Checkout.modules()) {
      for (Path file : Checkout.javaFiles(module.resolve("src/main/java"))) {
        for (MatchResult snippet : all(SNIPPET, Files.readString(file))) {
          Matcher external = EXTERNAL.matcher(snippet.group(1));
          assertThat(external.matches()).as(file + ": " + snippet.group()).isTrue();
          shown.add(external.group(1) + " " + external.group(2));
        }
      }
    }
    return shown;
  }

  @Test
  void whatTheReadmeShowsIsRun() {
    assertThat(README).hasSizeGreaterThanOrEqualTo(4);
    assertThat(REGIONS.values()).containsAll(README);
  }

  @Test
  void whatTheJavadocShowsIsRun() throws IOException {
    assertThat(REGIONS.keySet()).containsAll(shownInJavadoc());
  }

  @Test
  void whatIsThereToBeShownIsShown() throws IOException {
    TreeSet<String> shown = shownInJavadoc();
    REGIONS.forEach((name, text) -> {
      if (README.contains(text)) {
        shown.add(name);
      }
    });
    assertThat(shown).containsExactlyInAnyOrderElementsOf(REGIONS.keySet());
  }

  @Test
  void fiveLinesLeadToAVerdictFromWhateverDescribesTheVm() {
    for (String source : List.of("command-line", "libvirt", "builder", "json")) {
      String text = REGIONS.get("VerdictTest.java " + source);

      assertThat(README.subList(0, 4)).contains(text);
      assertThat(text.lines()).hasSizeLessThanOrEqualTo(5);
      assertThat(text).contains("Verdict verdict =");
    }
  }

  /** Else it would be a program that nobody runs. */
  @Test
  void everyFileIsATestOrHasOne() throws IOException {
    try (Stream<Path> files = Files.list(Checkout.SNIPPETS)) {
      List<String> names = files.map(file -> file.getFileName().toString()).toList();
      assertThat(names)
          .isNotEmpty()
          .filteredOn(name -> !name.equals("package-info.java"))
          .allSatisfy(name ->
              assertThat(names).contains(name.replaceAll("(Provider|Test)?\\.java", "Test.java")));
    }
  }
}
