package io.github.stopcopy.migration.scenario;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.migration.vm.Vm;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of a step, and how much a whole story may hold and take. A few words can have a guest
 * map a million pages, or look at a large memory again and again; that ends here. Not thread-safe.
 */
final class StoryLimit implements EventLog {

  /** The most rows of all answers together: events, mappings, ranges and lines of text. */
  static final int MOST_ROWS = 1 << 18;

  /** The most ranges of address spaces, counted anew after each step. */
  static final int MOST_RANGES = 1 << 24;

  /** So many pages of a guest's I/O page tables are as quickly looked at as a range of memory. */
  private static final int PAGES_OF_RANGE = 16;

  /** A text counts as a row for each of so many characters. */
  private static final int ROW_LENGTH = 128;

  /** As many as booting a small VM makes. */
  private static final int USUAL_EVENTS = 56;

  private final List<ModelEvent> events = new ArrayList<>(USUAL_EVENTS);
  private long rows;
  private long ranges;
  private long mapped;

  /** Unwinds the step in which the limit was passed. */
  private static final class TooLong extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooLong() {
      super("the story is too long", null, false, false);
    }
  }

  /**
   * What is played in a step.
   *
   * @param <T> what it answers
   */
  @FunctionalInterface
  interface Playing<T> {

    T play() throws InputException;
  }

  @Override
  public void record(ModelEvent event) {
    rows += event instanceof MessageEvent message ? rowsOf(message.text()) : 1;
    if (rows > MOST_ROWS) {
      throw new TooLong();
    }
    events.add(event);
  }

  /**
   * Plays a step, and ends it where it does too much. A guard may have taken that for a failure of
   * the plugin that was asked.
   *
   * @param index which step it is, from 0
   */
  <T> T play(Step step, int index, Playing<T> playing) throws InputException {
    events.clear();
    if (step instanceof Step.Viommu viommu) {
      ranges += lookedAt(viommu) / PAGES_OF_RANGE;
    }
    try {
      return playing.play();
    } catch (TooLong | PluginFailure unwound) {
      if (rows > MOST_ROWS) {
        throw tooManyRows(index);
      }
      throw unwound;
    }
  }

  /** How many pages a step may have the vIOMMU look at; many have it look at all. */
  private long lookedAt(Step.Viommu step) {
    return switch (step.operation()) {
      case MAP -> {
        mapped += step.pages();
        yield step.pages();
      }
      case UNMAP -> step.pages();
      case CONTEXT, ENABLE, DISABLE, SET_ROOT, INVALIDATE, ATTACH, DETACH -> mapped;
    };
  }

  /** What happened in this step. */
  List<ModelEvent> events() {
    return events;
  }

  /**
   * Counts what an answer has beside its events, and what the next step may have to go through.
   *
   * @param index which step it is, from 0
   */
  void count(StepAnswer answer, Vm vm, int index) throws InputException {
    answer.dmaMap().ifPresent(maps -> maps.values().forEach(list -> rows += list.size()));
    answer.memory().forEach(view -> rows += view.rows().size());
    rows += answer.dirtyPages().size();
    answer.query().ifPresent(query -> query.blockedReasons().forEach(text -> rows += rowsOf(text)));
    if (rows > MOST_ROWS) {
      throw tooManyRows(index);
    }
    for (AddressSpace space : vm.addressSpaces()) {
      ranges += space.view().ranges().size();
    }
    if (ranges > MOST_RANGES) {
      throw tooMuch(
          index,
          MOST_RANGES + " ranges of memory, counted in each step, expected fewer steps or ranges");
    }
  }

  private static long rowsOf(String text) {
    return 1L + text.length() / ROW_LENGTH;
  }

  private static InputException tooManyRows(int index) {
    return tooMuch(
        index,
        MOST_ROWS + " events, mappings and ranges to tell in all, expected fewer steps or pages");
  }

  private static InputException tooMuch(int index, String what) {
    return InputException.of("step " + (index + 1) + ": more than " + what);
  }
}
