package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.json.InputDigest;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Question;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.List;
import java.util.Optional;

/** What was asked for a verdict, a line each, and what it was decided from. */
public final class CheckList {

  private CheckList() {}

  /** Both parts, lines ended, with an empty line in front of each. */
  public static String write(Played played, List<InputDigest> files, String version) {
    StringBuilder text = new StringBuilder("\nWhat was asked\n");
    String subject = "";
    for (Question question : played.questions()) {
      if (!question.subject().equals(subject)) {
        subject = question.subject();
        text.append("  ").append(VisibleText.of(heading(played, subject))).append('\n');
      }
      question(text, question);
    }
    decidedFrom(text, played.verdict(), files, version);
    return text.toString();
  }

  private static String heading(Played played, String subject) {
    if (subject.equals(Question.VM)) {
      return "the VM";
    }
    Optional<String> id = played.story().vm().findDevice(subject).flatMap(VfioDevice::id);
    return "device " + subject + id.map(value -> " (" + value + ")").orElse("");
  }

  private static void question(StringBuilder text, Question question) {
    String word =
        switch (question.outcome()) {
          case PASS -> "PASS";
          case CONDITION -> "IF";
          case FAIL -> "NO";
          case NOT_ASKED -> "-";
        };
    String codes =
        question.codes().isEmpty() ? "" : " [" + String.join(", ", question.codes()) + "]";
    Paragraphs.write(
        text,
        String.format("    %-4s  ", word),
        question.text() + ": " + question.answer() + codes);
  }

  private static void decidedFrom(
      StringBuilder text, Verdict verdict, List<InputDigest> files, String version) {
    text.append("\nDecided from\n");
    for (InputDigest file : files) {
      line(text, "  " + file.option() + " " + file.file() + ", SHA-256 " + file.sha256());
    }
    String origin =
        switch (verdict.profileOrigin()) {
          case GIVEN -> "given";
          case INPUT -> "named by the input";
          case ASSUMED -> "assumed";
        };
    String recorded =
        verdict.profile().isRecorded() ? "held against a recorded binary" : "not recorded";
    line(text, "  QEMU " + verdict.profile() + ", " + origin + ", " + recorded);
    line(text, "  " + version);
    int assumed = verdict.assumptions().size();
    line(
        text,
        assumed == 0
            ? "  nothing assumed"
            : "  "
                + assumed
                + (assumed == 1 ? " assumed fact" : " assumed facts")
                + ", told above");
  }

  private static void line(StringBuilder text, String line) {
    text.append(VisibleText.of(line)).append('\n');
  }
}
