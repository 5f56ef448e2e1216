package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.html.StoryRow.Call;
import io.github.stopcopy.cli.html.StoryRow.Folded;
import io.github.stopcopy.cli.html.StoryRow.Lane;
import io.github.stopcopy.cli.html.StoryRow.Note;
import io.github.stopcopy.cli.html.StoryRow.Tone;
import io.github.stopcopy.cli.report.StepText;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.MessageEvent.Severity;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A story as rows. What goes on long is folded: of many listener calls and mappings in a row the
 * first and the last are told and the others counted, and so are events and steps beyond a bound.
 */
final class StoryRows {

  private static final int MOST_STEPS = 100;
  private static final int MOST_ROWS = 400;
  private static final int MOST_OF_STEP = 60;

  /** The longest run that is told whole, and how much of a longer one is told at its begin. */
  private static final int LONGEST_RUN = 6;

  private static final int BEGIN_OF_RUN = 4;

  private final List<StoryRow> rows = new ArrayList<>();

  private StoryRows() {}

  /** The rows of a story, at most a few hundred. */
  static List<StoryRow> of(Story story) {
    StoryRows rows = new StoryRows();
    List<StepAnswer> answers = story.answers();
    int told = 0;
    while (told < answers.size() && told < MOST_STEPS && rows.rows.size() < MOST_ROWS) {
      rows.step(told + 1, story.scenario().steps().get(told), answers.get(told));
      told++;
    }
    if (told < answers.size()) {
      rows.rows.add(new Folded((answers.size() - told) + " more steps"));
    }
    return rows.rows;
  }

  private void step(int number, Step step, StepAnswer answer) {
    rows.add(new StoryRow.Step(number, StepText.of(step)));
    if (step instanceof Step.Viommu viommu) {
      String operation = viommu.operation().name().toLowerCase(Locale.ROOT);
      rows.add(
          new Call(
              Lane.QEMU, Lane.VIOMMU, "the guest: " + operation.replace('_', '-'), Tone.PLAIN));
    }
    int first = rows.size();
    List<ModelEvent> events = answer.events();
    int at = 0;
    while (at < events.size() && rows.size() - first < MOST_OF_STEP) {
      int end = endOfRun(events, at);
      if (end - at > LONGEST_RUN) {
        events.subList(at, at + BEGIN_OF_RUN).forEach(this::event);
        rows.add(new Folded(count(events.subList(at + BEGIN_OF_RUN, end - 1))));
        event(events.get(end - 1));
      } else {
        events.subList(at, end).forEach(this::event);
      }
      at = end;
    }
    if (at < events.size()) {
      rows.add(new Folded(count(events.subList(at, events.size()))));
    }
    answer(answer);
  }

  private void answer(StepAnswer answer) {
    answer.commandError().ifPresent(error -> note("command error: " + error, Tone.BAD));
    answer
        .query()
        .ifPresent(query -> {
          note("query-migrate: " + query.status(), Tone.PLAIN);
          query.errorDescription().ifPresent(why -> note("error-desc: " + why, Tone.BAD));
          query.blockedReasons().stream()
              .limit(LONGEST_RUN)
              .forEach(why -> note("blocked: " + why, Tone.BAD));
          int more = query.blockedReasons().size() - LONGEST_RUN;
          if (more > 0) {
            rows.add(new Folded(more + " more blocked reasons"));
          }
        });
    answer.exitCode().ifPresent(code -> note("QEMU ended with " + code, Tone.BAD));
  }

  private void note(String text, Tone tone) {
    rows.add(new Note(Lane.QEMU, text, tone));
  }

  /** Where the events end that are of one kind and come in numbers. */
  private static int endOfRun(List<ModelEvent> events, int begin) {
    Optional<String> kind = kindInNumbers(events.get(begin));
    int end = begin + 1;
    while (kind.isPresent() && end < events.size() && kindInNumbers(events.get(end)).equals(kind)) {
      end++;
    }
    return end;
  }

  /** What comes in numbers; a failure never does. */
  private static Optional<String> kindInNumbers(ModelEvent event) {
    boolean isMapping =
        event instanceof VfioEvent.SectionChanged
            || event instanceof VfioEvent.DmaMap map && map.errno().isEmpty()
            || event instanceof VfioEvent.DmaUnmap unmap && unmap.errno().isEmpty();
    if (isMapping) {
      return Optional.of("mapping");
    }
    return event instanceof VfioEvent.DirtyPages || event instanceof MessageEvent
        ? Optional.of(event.getClass().getName())
        : Optional.empty();
  }

  /** How many of which, for rows that are left out. */
  private static String count(List<ModelEvent> events) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    events.forEach(event -> counts.merge(word(event), 1, Integer::sum));
    List<String> words = new ArrayList<>();
    counts.forEach((word, count) -> words.add(count + " " + word));
    return events.size() + " more: " + String.join(", ", words);
  }

  private static String word(ModelEvent event) {
    if (event instanceof VfioEvent.SectionChanged section) {
      return section.added() ? "region_add" : "region_del";
    } else if (event instanceof VfioEvent.DmaMap) {
      return "map";
    } else if (event instanceof VfioEvent.DmaUnmap) {
      return "unmap";
    } else if (event instanceof VfioEvent.DirtyPages) {
      return "runs of dirty pages";
    } else if (event instanceof MessageEvent message) {
      return message.severity() == Severity.ERROR ? "errors" : "warnings";
    }
    return "other events";
  }

  private void event(ModelEvent event) {
    String text = event.describe();
    if (event instanceof VfioEvent.SectionChanged) {
      call(Lane.QEMU, Lane.LISTENER, text, Optional.empty());
    } else if (event instanceof VfioEvent.IommuSectionAdded) {
      call(Lane.LISTENER, Lane.VIOMMU, text, Optional.empty());
    } else if (event instanceof VfioEvent.DmaMap map) {
      call(Lane.LISTENER, Lane.CONTAINER, text, map.errno());
    } else if (event instanceof VfioEvent.DmaUnmap unmap) {
      call(Lane.LISTENER, Lane.CONTAINER, text, unmap.errno());
    } else if (event instanceof VfioEvent.ContainerDirty dirty) {
      call(Lane.QEMU, Lane.CONTAINER, text, dirty.errno());
    } else if (event instanceof VfioEvent.DirtyPages) {
      call(Lane.CONTAINER, Lane.QEMU, text, Optional.empty());
    } else if (event instanceof VfioEvent.DmaLoggingStart start) {
      call(Lane.DEVICE, Lane.TRACKER, text, start.errno());
    } else if (event instanceof VfioEvent.DmaLoggingStop stop) {
      call(Lane.DEVICE, Lane.TRACKER, text, stop.errno());
    } else if (event instanceof VfioEvent.DeviceState state) {
      Tone tone = state.errno().isEmpty() ? Tone.STRONG : Tone.BAD;
      rows.add(new Call(Lane.QEMU, Lane.DEVICE, text, tone));
    } else if (event instanceof VfioEvent.Failed) {
      rows.add(new Note(Lane.LISTENER, text, Tone.BAD));
    } else if (event instanceof MigrationEvent.StreamFailed) {
      note(text, Tone.BAD);
    } else if (event instanceof MigrationEvent.StatusChanged) {
      note(text, Tone.STRONG);
    } else if (event instanceof MessageEvent message) {
      note(text, message.severity() == Severity.ERROR ? Tone.BAD : Tone.WARNING);
    } else {
      note(text, Tone.PLAIN);
    }
  }

  private void call(Lane from, Lane to, String text, Optional<Errno> errno) {
    rows.add(new Call(from, to, text, errno.isEmpty() ? Tone.PLAIN : Tone.BAD));
  }
}
