package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.DirtyLogMask;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stands before a listener, keeps a list of its callbacks and fails if they come in an order that
 * is none (R-AS-50 .. R-AS-54): sections outside of begin and commit, an addition before the last
 * removal. Register this instead of the listener. Not thread-safe.
 */
public final class CallbackOrder implements MemoryListener {

  private final MemoryListener listener;
  private final List<String> callbacks = new ArrayList<>();
  private boolean begun;
  private boolean added;

  /** Stands before {@code listener} and has its priority. */
  public CallbackOrder(MemoryListener listener) {
    this.listener = listener;
  }

  /** The callbacks so far, in order, e.g. {@code regionAdd [0x0,0xfff] ram0}. */
  public List<String> callbacks() {
    return List.copyOf(callbacks);
  }

  /** Whether a begin waits for its commit. */
  public boolean isBegun() {
    return begun;
  }

  @Override
  public int priority() {
    return listener.priority();
  }

  @Override
  public void begin() {
    callbacks.add("begin");
    if (begun) {
      fail("begin after begin: " + callbacks);
    }
    begun = true;
    added = false;
    listener.begin();
  }

  @Override
  public void commit() {
    callbacks.add("commit");
    if (!begun) {
      fail("commit without begin: " + callbacks);
    }
    begun = false;
    listener.commit();
  }

  @Override
  public void regionAdd(MemorySection section) {
    note("regionAdd", section, true);
    added = true;
    listener.regionAdd(section);
  }

  @Override
  public void regionDel(MemorySection section) {
    note("regionDel", section, true);
    if (added) {
      fail("a removal after an addition: " + callbacks);
    }
    listener.regionDel(section);
  }

  @Override
  public void regionNop(MemorySection section) {
    note("regionNop", section, true);
    listener.regionNop(section);
  }

  @Override
  public void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    note("logStart", section, true);
    listener.logStart(section, before, after);
  }

  @Override
  public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    note("logStop", section, true);
    listener.logStop(section, before, after);
  }

  @Override
  public void logSync(MemorySection section) {
    note("logSync", section, false);
    listener.logSync(section);
  }

  @Override
  public Optional<QemuError> logGlobalStart() {
    callbacks.add("logGlobalStart");
    return listener.logGlobalStart();
  }

  @Override
  public void logGlobalStop() {
    callbacks.add("logGlobalStop");
    listener.logGlobalStop();
  }

  private void note(String callback, MemorySection section, boolean inCommit) {
    callbacks.add(callback + " " + section.range() + " " + section.region().name());
    if (begun != inCommit) {
      fail(callback + (begun ? " within" : " outside of") + " begin and commit: " + callbacks);
    }
  }
}
