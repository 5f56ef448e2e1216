package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.json.InputDigest;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Question;
import io.github.stopcopy.migration.Verdict;
import java.util.ArrayList;
import java.util.List;

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
    text.append("\nDecided from\n");
    for (String line : decidedFrom(played.verdict(), files, version)) {
      text.append("  ").append(VisibleText.of(line)).append('\n');
    }
    return text.toString();
  }

  /** What a question is about, in words. */
  public static String heading(Played played, String subject) {
    return subject.equals(Question.VM)
        ? "the VM"
        : "device " + new DeviceNames(played.story().vm()).of(subject);
  }

  private static void question(StringBuilder text, Question question) {
    Paragraphs.write(
        text,
        String.format("    %-4s  ", word(question)),
        question.text() + ": " + question.answer() + codes(question));
  }

  /** How a question came out, in a short word. */
  public static String word(Question question) {
    return switch (question.outcome()) {
      case PASS -> "PASS";
      case CONDITION -> "IF";
      case FAIL -> "NO";
      case NOT_ASKED -> "-";
    };
  }

  /** The codes that it led to, in brackets; nothing without any. */
  public static String codes(Question question) {
    return question.codes().isEmpty() ? "" : " [" + String.join(", ", question.codes()) + "]";
  }

  /** What a verdict was decided from, a line each. */
  public static List<String> decidedFrom(Verdict verdict, List<InputDigest> files, String version) {
    List<String> lines = new ArrayList<>();
    for (InputDigest file : files) {
      lines.add(file.option() + " " + file.file() + ", SHA-256 " + file.sha256());
    }
    String origin =
        switch (verdict.profileOrigin()) {
          case GIVEN -> "given";
          case INPUT -> "named by the input";
          case ASSUMED -> "assumed";
        };
    String recorded =
        verdict.profile().isRecorded() ? "held against a recorded binary" : "not recorded";
    lines.add("QEMU " + verdict.profile() + ", " + origin + ", " + recorded);
    lines.add(version);
    int assumed = verdict.assumptions().size();
    lines.add(
        assumed == 0
            ? "nothing assumed"
            : assumed + (assumed == 1 ? " assumed fact" : " assumed facts") + ", told above");
    return lines;
  }
}
