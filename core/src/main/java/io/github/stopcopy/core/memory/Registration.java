package io.github.stopcopy.core.memory;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listener that follows an address space.
 *
 * @param listener the listener
 * @param space what it follows
 * @param takesRegionNop whether it wants to hear of what stays
 */
record Registration(MemoryListener listener, AddressSpace space, boolean takesRegionNop) {

  Registration(MemoryListener listener, AddressSpace space) {
    this(listener, space, listener.takesRegionNop());
  }

  /** A list with this behind all of a priority not above its own (R-AS-60). */
  List<Registration> insertedIn(List<Registration> others) {
    int at = 0;
    while (at < others.size() && others.get(at).listener.priority() <= listener.priority()) {
      at++;
    }
    List<Registration> with = new ArrayList<>(others.size() + 1);
    with.addAll(others);
    with.add(at, this);
    return with;
  }

  /** As records compare, written out: to make that at run time takes as long as much of a check. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Registration registration
        && takesRegionNop == registration.takesRegionNop
        && space.equals(registration.space)
        && listener.equals(registration.listener);
  }

  @Override
  public int hashCode() {
    return 31 * listener.hashCode() + space.hashCode();
  }

  /** A list without this. */
  List<Registration> removedFrom(List<Registration> others) {
    List<Registration> without = new ArrayList<>(others);
    without.remove(this);
    return without;
  }
}
