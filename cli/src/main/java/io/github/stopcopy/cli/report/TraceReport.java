package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;

/** A scenario as a story: under each step what happened in it, one line for each event. */
public final class TraceReport {

  private TraceReport() {}

  /** The whole story, lines ended. */
  public static String write(Played played) {
    Verdict verdict = played.verdict();
    Story story = played.story();
    StringBuilder text = new StringBuilder();
    text.append(VisibleText.of(story.scenario().id()))
        .append(" (QEMU ")
        .append(verdict.profile())
        .append(")\n");
    for (int i = 0; i < story.answers().size(); i++) {
      StepAnswer answer = story.answers().get(i);
      text.append(i + 1)
          .append(". ")
          .append(VisibleText.of(StepText.of(story.scenario().steps().get(i))))
          .append('\n');
      for (ModelEvent event : answer.events()) {
        line(text, event.describe());
      }
      answer.commandError().ifPresent(error -> line(text, "command error: " + error));
      answer
          .query()
          .ifPresent(query -> {
            line(text, "query-migrate: " + query.status());
            query.errorDescription().ifPresent(why -> line(text, "  error-desc: " + why));
            query.blockedReasons().forEach(why -> line(text, "  blocked: " + why));
          });
      answer.exitCode().ifPresent(code -> line(text, "QEMU ended with " + code));
    }
    text.append("verdict: ").append(verdict.kind()).append('\n');
    verdict.reasons().forEach(reason -> line(text, reason.code() + ": " + reason.explanation()));
    ListenerLines.write(text, verdict.listeners(), "", name -> name);
    return text.toString();
  }

  private static void line(StringBuilder text, String line) {
    text.append("     ").append(VisibleText.of(line)).append('\n');
  }
}
