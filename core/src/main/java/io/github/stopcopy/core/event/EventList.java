package io.github.stopcopy.core.event;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The events of the model in their order. Those that came as a run take no room each; they are made
 * when somebody asks for them. Immutable, and thread-safe if the events are.
 */
public final class EventList extends AbstractList<ModelEvent> implements RandomAccess {

  private static final EventList EMPTY = new EventList(List.of(), List.of(), 0);

  private final List<ModelEvent> single;
  private final List<PlacedRun> runs;
  private final int size;

  /**
   * A run and its place.
   *
   * @param run the events
   * @param first the index of its first event
   * @param singleBefore how many events that came one by one are before it
   */
  private record PlacedRun(EventRun run, int first, int singleBefore) {}

  private EventList(List<ModelEvent> single, List<PlacedRun> runs, int size) {
    this.single = single;
    this.runs = runs;
    this.size = size;
  }

  /** No events. */
  public static EventList of() {
    return EMPTY;
  }

  /** The events that came one by one, in their order: all by which anything is decided. */
  public List<ModelEvent> single() {
    return single;
  }

  @Override
  public ModelEvent get(int index) {
    Objects.checkIndex(index, size);
    int low = 0;
    int high = runs.size();
    while (low < high) {
      int middle = low + high >>> 1;
      if (runs.get(middle).first() <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == 0) {
      return single.get(index);
    }
    PlacedRun before = runs.get(low - 1);
    int into = index - before.first();
    int length = before.run().size();
    return into < length
        ? before.run().get(into)
        : single.get(before.singleBefore() + (into - length));
  }

  @Override
  public int size() {
    return size;
  }

  /** Gathers events. Not thread-safe. */
  public static final class Builder implements EventLog {

    /** As many as booting a small VM makes. */
    private static final int USUAL = 56;

    private final List<ModelEvent> single = new ArrayList<>(USUAL);
    private final List<PlacedRun> runs = new ArrayList<>(0);
    private int size;

    /** Without events yet. */
    public Builder() {}

    @Override
    public void record(ModelEvent event) {
      size = Math.addExact(size, 1);
      single.add(event);
    }

    @Override
    public void record(EventRun run) {
      int first = size;
      size = Math.addExact(size, run.size());
      runs.add(new PlacedRun(run, first, single.size()));
    }

    /** Takes all events of a list. */
    public void recordAll(EventList events) {
      int before = size;
      int singleBefore = single.size();
      size = Math.addExact(size, events.size);
      single.addAll(events.single);
      for (PlacedRun placed : events.runs) {
        runs.add(
            new PlacedRun(
                placed.run(), before + placed.first(), singleBefore + placed.singleBefore()));
      }
    }

    /** Forgets all events. */
    public void clear() {
      single.clear();
      runs.clear();
      size = 0;
    }

    /** The events so far. */
    public EventList build() {
      // Unlike List.copyOf this copies once.
      return size == 0
          ? EMPTY
          : new EventList(
              Collections.unmodifiableList(new ArrayList<>(single)), List.copyOf(runs), size);
    }
  }
}
