package io.github.stopcopy.core.memory;

/**
 * A listener that follows an address space.
 *
 * @param listener the listener
 * @param space what it follows
 * @param priority its priority, which is asked for once
 * @param takesRegionNop whether it wants to hear of what stays
 * @param callbacks what it does not ignore
 */
record Registration(
    MemoryListener listener,
    AddressSpace space,
    int priority,
    boolean takesRegionNop,
    ListenerCallbacks callbacks) {

  Registration(MemoryListener listener, AddressSpace space) {
    this(
        listener,
        space,
        listener.priority(),
        listener.takesRegionNop(),
        ListenerCallbacks.of(listener.getClass()));
  }
}
