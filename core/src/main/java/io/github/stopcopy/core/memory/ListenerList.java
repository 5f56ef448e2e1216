package io.github.stopcopy.core.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Listeners in the order of their priorities (R-AS-52). Who goes through them hears of none that
 * comes or goes meanwhile: then, and only then, a change copies the list. Not thread-safe.
 */
final class ListenerList {

  /** Most address spaces have none. */
  private List<Registration> all = List.of();

  private int walks;
  private int takingRegionNop;
  private int takingLog;

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether any wants to hear of what stays. */
  boolean takesRegionNop() {
    return takingRegionNop > 0;
  }

  /** Whether any hears of who begins or stops to log writes. */
  boolean takesLog() {
    return takingLog > 0;
  }

  /** Puts one behind all of a priority not above its own (R-AS-60). */
  void insert(Registration registration) {
    List<Registration> changed = changed();
    int at = changed.size();
    while (at > 0 && changed.get(at - 1).priority() > registration.priority()) {
      at--;
    }
    changed.add(at, registration);
    count(registration, 1);
  }

  /** Takes one out. */
  @SuppressWarnings("ReferenceEquality") // registrations are who they are
  void remove(Registration registration) {
    List<Registration> changed = changed();
    int at = changed.size() - 1;
    while (changed.get(at) != registration) {
      at--;
    }
    changed.remove(at);
    count(registration, -1);
  }

  private void count(Registration registration, int more) {
    takingRegionNop += registration.takesRegionNop() ? more : 0;
    takingLog += registration.callbacks().log() ? more : 0;
  }

  private List<Registration> changed() {
    if (walks > 0 || all.isEmpty()) {
      List<Registration> copy = new ArrayList<>(all.size() + 1);
      copy.addAll(all);
      all = copy;
    }
    return all;
  }

  /** Those that are in it now; {@link #walked} says that nobody goes through them any more. */
  List<Registration> walk() {
    walks++;
    return all;
  }

  void walked() {
    walks--;
  }

  /** Tells those that are in it now, the lowest priority first. */
  void forEach(Consumer<MemoryListener> callback) {
    List<Registration> told = walk();
    try {
      for (int i = 0; i < told.size(); i++) {
        callback.accept(told.get(i).listener());
      }
    } finally {
      walked();
    }
  }

  /** Tells those that are in it now, the highest priority first. */
  void forEachReverse(Consumer<MemoryListener> callback) {
    List<Registration> told = walk();
    try {
      for (int i = told.size() - 1; i >= 0; i--) {
        callback.accept(told.get(i).listener());
      }
    } finally {
      walked();
    }
  }
}
