package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The callbacks of a commit as the rules are written (R-AS-50 .. R-AS-52): both views of every
 * address space are gone through whole, twice.
 */
final class ReferenceCommit {

  /** A listener as the rules know it. */
  record Follower(String name, int priority, int space, boolean takesNops) {}

  /** A callback. */
  record Call(
      String listener, String what, Object section, DirtyLogMask before, DirtyLogMask after) {

    static Call frame(String listener, String what) {
      return new Call(listener, what, "", DirtyLogMask.NONE, DirtyLogMask.NONE);
    }

    static Call of(String listener, String what, MemorySection section) {
      return new Call(listener, what, section, DirtyLogMask.NONE, DirtyLogMask.NONE);
    }
  }

  private final List<Follower> followers;
  private final List<Call> calls = new ArrayList<>();

  /**
   * The listeners.
   *
   * @param followers in the order of R-AS-60: those of lower priority first
   */
  ReferenceCommit(List<Follower> followers) {
    this.followers = followers;
  }

  /** What they are told when the views of the address spaces change so. */
  List<Call> calls(List<List<FlatRange>> before, List<List<FlatRange>> after) {
    calls.clear();
    followers.forEach(each -> calls.add(Call.frame(each.name, "begin")));
    for (int space = 0; space < after.size(); space++) {
      pass(space, before.get(space), after.get(space), false);
      pass(space, before.get(space), after.get(space), true);
    }
    followers.forEach(each -> calls.add(Call.frame(each.name, "commit")));
    return calls;
  }

  private void pass(int space, List<FlatRange> old, List<FlatRange> now, boolean adding) {
    int i = 0;
    int k = 0;
    while (i < old.size() || k < now.size()) {
      FlatRange was = i < old.size() ? old.get(i) : null;
      FlatRange is = k < now.size() ? now.get(k) : null;
      if (was != null && is != null && was.sameAs(is)) {
        if (adding) {
          DirtyLogMask from = was.dirtyLogMask();
          DirtyLogMask to = is.dirtyLogMask();
          MemorySection section = is.section();
          forward(space, true, name -> Call.of(name, "nop", section));
          if (to.exceeds(from)) {
            forward(space, false, name -> new Call(name, "log start", section, from, to));
          }
          if (from.exceeds(to)) {
            reverse(space, name -> new Call(name, "log stop", section, from, to));
          }
        }
        i++;
        k++;
      } else if (was != null
          && (is == null || U64.lessOrEqual(was.range().first(), is.range().first()))) {
        if (!adding) {
          reverse(space, name -> Call.of(name, "del", was.section()));
        }
        i++;
      } else {
        if (adding) {
          forward(space, false, name -> Call.of(name, "add", is.section()));
        }
        k++;
      }
    }
  }

  private void forward(int space, boolean onlyNops, Function<String, Call> call) {
    for (Follower each : followers) {
      if (each.space == space && (!onlyNops || each.takesNops)) {
        calls.add(call.apply(each.name));
      }
    }
  }

  private void reverse(int space, Function<String, Call> call) {
    for (int i = followers.size() - 1; i >= 0; i--) {
      if (followers.get(i).space == space) {
        calls.add(call.apply(followers.get(i).name));
      }
    }
  }
}
