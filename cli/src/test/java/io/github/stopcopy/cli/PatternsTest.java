package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Regular expressions of this project, none of which may take more stack or time than its input is
 * long. The JDK's repeat a group by recursion, once for each time; and where two parts that repeat
 * may share characters, or one is looked for from every place, they try all ways.
 */
class PatternsTest {

  /** Calls that take a pattern, with the string literals behind them. */
  private static final Pattern USES =
      Pattern.compile(
          "(?:Pattern\\.compile|\\.matches|\\.replaceAll|\\.replaceFirst|\\.split)\\(\\s*"
              + "((?:\"[^\"\\\\\\n]*(?:\\\\.[^\"\\\\\\n]*)*\"[\\s+]*)+)");

  private static final Pattern REPEATED_GROUP = Pattern.compile("\\)(?:[*+]|\\{[0-9]*,\\})");

  /** Begins with what repeats, and goes on: it is tried from each character that fits. */
  private static final Pattern LOOSE_BEGINNING =
      Pattern.compile("^(?:\\\\.|\\[[^]]*\\]|[^\\\\\\[(^])[*+].");

  private static List<String> patterns() throws IOException {
    List<String> patterns = new ArrayList<>();
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.map(path -> path.resolve("src/main/java")).toList()) {
        if (Files.isDirectory(module)) {
          try (Stream<Path> files = Files.walk(module)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    for (Path source : sources) {
      Matcher uses = USES.matcher(Files.readString(source));
      while (uses.find()) {
        String call = uses.group();
        String literal = uses.group(1).replaceAll("\"[\\s+]*\"", "");
        String text = literal.strip().replaceAll("^\"|\"[\\s+]*$", "").translateEscapes();
        boolean searches = !call.startsWith("Pattern.compile") && !call.startsWith(".matches");
        patterns.add((searches ? "find " : "match ") + text);
      }
    }
    return patterns;
  }

  @Test
  void noneRepeatsAGroupWithoutBound() throws IOException {
    assertThat(patterns()).hasSizeGreaterThan(20);
    assertThat(patterns()).noneMatch(pattern -> REPEATED_GROUP.matcher(pattern).find());
  }

  @Test
  void noneThatIsSearchedForBeginsWithWhatRepeats() throws IOException {
    assertThat(patterns())
        .filteredOn(pattern -> pattern.startsWith("find "))
        .map(pattern -> pattern.substring("find ".length()))
        .noneMatch(pattern -> LOOSE_BEGINNING.matcher(pattern).find());
  }

  /** The guard itself: what was found once is found. */
  @Test
  void whatRecursedOrTriedAllWaysIsSeen() {
    assertThat(REPEATED_GROUP.matcher("[0-9]+(\\.[0-9]+)*").find()).isTrue();
    assertThat(LOOSE_BEGINNING.matcher("\\s*\\R\\s*").find()).isTrue();
    assertThat(LOOSE_BEGINNING.matcher("/+$").find()).isTrue();
    assertThat(LOOSE_BEGINNING.matcher("[ \t]+$").find()).isTrue();
    assertThat(LOOSE_BEGINNING.matcher("\\s+").find()).isFalse();
    assertThat(LOOSE_BEGINNING.matcher("^/+").find()).isFalse();
  }
}
