package io.github.stopcopy.cli.explain;

import io.github.stopcopy.cli.report.Paragraphs;
import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.message.KnownMessage;
import io.github.stopcopy.migration.message.KnownMessages;
import io.github.stopcopy.migration.reason.ReasonCode;
import io.github.stopcopy.migration.reason.RemedyKind;
import java.util.List;
import java.util.Map;

/** What there is to say of a code, for a terminal. */
public final class CodeText {

  private final StringBuilder text = new StringBuilder();

  private CodeText() {}

  /** The whole explanation, lines ended. */
  public static String of(ReasonCode code) {
    CodeText page = new CodeText();
    page.line(code.name() + ": " + KindWords.of(code) + " (" + Releases.of(code) + ")");
    page.meaning(Meaning.of(code));
    page.messages(KnownMessages.of(code));
    page.remedies(code.remedies());
    page.examples(Example.of(code));
    return page.text.toString();
  }

  /** The whole explanation of what the linter finds, lines ended. */
  public static String of(LintCode code) {
    CodeText page = new CodeText();
    page.line(code.name() + ": " + KindWords.of(code));
    page.line("");
    page.line("What it means");
    Paragraphs.write(
        page.text, "  ", code.meaning() + " (" + String.join(", ", code.rules()) + ")");
    page.line("");
    page.line("What to change");
    Paragraphs.write(page.text, "  ", code.advice());
    page.examples(Example.of(code));
    return page.text.toString();
  }

  private void meaning(List<Meaning> meanings) {
    line("");
    line("What it means");
    meanings.forEach(meaning -> Paragraphs.write(text, "  - ", meaning.toString()));
  }

  private void messages(List<KnownMessage> messages) {
    line("");
    if (messages.isEmpty()) {
      line("QEMU says nothing of it.");
      return;
    }
    line("In their words");
    for (KnownMessage message : messages) {
      Paragraphs.unbroken(text, "  - ", message.text());
      Paragraphs.write(
          text, "      ", message.said() + (message.note().isEmpty() ? "" : ". " + message.note()));
    }
  }

  private void remedies(List<RemedyKind> remedies) {
    line("");
    if (remedies.isEmpty()) {
      line("No change is known that helps in general.");
      return;
    }
    line("What can help; stopcopy check tells which of it does for a VM, and how");
    for (RemedyKind remedy : remedies) {
      Paragraphs.write(text, "  - ", remedy.text());
      Paragraphs.write(text, "      costs: ", remedy.cost());
    }
  }

  private void examples(Example.Pair examples) {
    line("");
    line("Wrong: " + examples.wrong().verdict());
    example(examples.wrong().files(), examples.wrong().command());
    line("");
    line("Right: " + examples.right().verdict());
    example(examples.changed(), examples.right().command());
  }

  private void example(Map<String, List<String>> files, String command) {
    files.forEach((name, lines) -> {
      line("  " + name);
      lines.forEach(each -> line("    " + each));
    });
    line("  $ stopcopy " + command);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
