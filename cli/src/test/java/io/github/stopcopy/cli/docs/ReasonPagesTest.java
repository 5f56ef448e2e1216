package io.github.stopcopy.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.explain.Example;
import io.github.stopcopy.cli.explain.KindWords;
import io.github.stopcopy.cli.explain.Meaning;
import io.github.stopcopy.cli.explain.Releases;
import io.github.stopcopy.migration.message.KnownMessage;
import io.github.stopcopy.migration.message.KnownMessages;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.RemedyKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/reasons has a page for each code of the catalogue, and an index of them. */
class ReasonPagesTest {

  private static final String INDEX =
      """
      # Reasons

      Every code that a reason of a verdict can have, a page each. They are stable: programs can rely on them. This page
      and those behind it are generated from the catalogue by a test; `stopcopy explain CODE` tells the same, and
      `stopcopy explain --text "..."` or `--log FILE` finds the code for what QEMU or libvirt printed.

      | code | what it does | releases | what it means |
      |---|---|---|---|
      """;

  @Test
  void indexIsUpToDate() throws IOException {
    StringBuilder page = new StringBuilder(INDEX);
    for (ReasonCode code : ReasonCode.values()) {
      page.append("| [").append(code).append("](").append(code).append(".md) | ");
      page.append(code.kind().word()).append(" | ").append(Releases.of(code)).append(" | ");
      page.append(cell(firstSentence(code.causes().get(0).text()))).append(" |\n");
    }
    GeneratedPage.check("reasons/README.md", page.toString());
  }

  @ParameterizedTest
  @EnumSource
  void pageIsUpToDate(ReasonCode code) throws IOException {
    GeneratedPage.check("reasons/" + code + ".md", page(code));
  }

  @Test
  void thereIsNoPageOfACodeThatIsNone() throws IOException {
    try (Stream<Path> pages = Files.list(GeneratedPage.ROOT.resolve("docs/reasons"))) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .filteredOn(page -> !page.equals("README.md"))
          .allMatch(page -> ReasonCode.named(page.replace(".md", "")).isPresent());
    }
  }

  private static String page(ReasonCode code) {
    StringBuilder page = new StringBuilder("# " + code + "\n\n");
    String kind = KindWords.of(code);
    page.append(Character.toUpperCase(kind.charAt(0))).append(kind.substring(1)).append(". ");
    page.append(Releases.of(code)).append(". One of the [reasons](README.md).\n");
    page.append("\n## What it means\n\n");
    for (Meaning meaning : Meaning.of(code)) {
      page.append("- ").append(cell(meaning.toString())).append('\n');
    }
    messages(page, KnownMessages.of(code));
    remedies(page, code.remedies());
    Example.Pair examples = Example.of(code);
    page.append("\n## Wrong\n\n");
    ExamplePart.write(page, examples.wrong(), examples.wrong().files());
    page.append("\n## Right\n\n");
    ExamplePart.write(page, examples.right(), examples.changed());
    return page.toString();
  }

  private static void messages(StringBuilder page, List<KnownMessage> messages) {
    page.append("\n## In their words\n\n");
    if (messages.isEmpty()) {
      page.append("QEMU says nothing of it.\n");
      return;
    }
    page.append("| text | said by | note |\n|---|---|---|\n");
    for (KnownMessage message : messages) {
      page.append("| `").append(message.text().replace("|", "\\|")).append("` | ");
      page.append(message.said()).append(" | ").append(cell(message.note())).append(" |\n");
    }
  }

  private static void remedies(StringBuilder page, List<RemedyKind> remedies) {
    page.append("\n## What can help\n\n");
    if (remedies.isEmpty()) {
      page.append("No change is known that helps in general.\n");
      return;
    }
    page.append(
        "`stopcopy check` tells which of it does help a VM, and how, after it has tried it.\n");
    page.append("\n| change | costs |\n|---|---|\n");
    for (RemedyKind remedy : remedies) {
      page.append("| ").append(remedy.text()).append(" | ").append(remedy.cost()).append(" |\n");
    }
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
