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
 * Decision and reports never read QEMU's messages: what happened is known by its type. A message is
 * several words, so that no text is compared with more than one, and what holds a message is not
 * compared with anything.
 */
class QemuTextsTest {

  private static final String MATCHING =
      "\\.(?:startsWith|endsWith|contains|equals|equalsIgnoreCase|contentEquals|matches"
          + "|regionMatches)\\s*\\(";

  /** A literal of several words, or one that ends where a message goes on, is matched. */
  private static final Pattern AGAINST_WORDS =
      Pattern.compile(MATCHING + "\\s*\"[^\"\\n]*[A-Za-z)]+[ :(][^\"\\n]*\"");

  /** What holds a message is matched, against whatever. */
  private static final Pattern OF_A_MESSAGE =
      Pattern.compile(
          "(?:\\btext\\(\\)|[tT]ext|qemuText\\(\\)|errorDescription\\(\\)|commandError\\(\\)"
              + "|\\bmessage|[lL]astError|described)\\s*"
              + MATCHING);

  private static List<String> matches(Path file, String source) {
    List<String> found = new ArrayList<>();
    for (Pattern pattern : List.of(AGAINST_WORDS, OF_A_MESSAGE)) {
      Matcher matcher = pattern.matcher(source);
      while (matcher.find()) {
        found.add(file.getFileName() + ": " + matcher.group());
      }
    }
    return found;
  }

  @Test
  void nobodyDecidesOrReportsByWhatQemuPrints() throws IOException {
    List<String> found = new ArrayList<>();
    int files = 0;
    for (String module : List.of("migration", "cli")) {
      Path sources = Path.of("..").resolve(module).resolve("src/main/java");
      try (Stream<Path> all = Files.walk(sources)) {
        for (Path file : all.filter(path -> path.toString().endsWith(".java")).toList()) {
          // Readers of input handle the text of users.
          if (!file.toString().contains("/cli/input/")) {
            found.addAll(matches(file, Files.readString(file)));
            files++;
          }
        }
      }
    }
    assertThat(found).isEmpty();
    assertThat(files).isGreaterThan(60);
  }

  @Test
  void whatWasOnceDoneIsSeen() {
    Path file = Path.of("Judge.java");
    assertThat(matches(file, "if (lastError.startsWith(SYNC_FAILED)) {")).hasSize(1);
    assertThat(matches(file, "!message.text().startsWith(\"qemu: hardware error\")")).hasSize(2);
    assertThat(matches(file, "text.startsWith(\"vfio_\")")).hasSize(1);
    assertThat(matches(file, "line.startsWith(\"vIOMMU mappings active\")")).hasSize(1);
    assertThat(matches(file, "error.text()\n    .contains(word)")).hasSize(1);
    assertThat(matches(file, "capabilities.contains(\"postcopy-ram\")")).isEmpty();
  }
}
