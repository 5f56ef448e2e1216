package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.DirtyLogMask;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.spi.ReportingListener;
import java.util.List;
import java.util.Optional;

/**
 * A listener that only looks on: it is called where VFIO's own would be, and neither what it
 * answers nor what it throws counts.
 */
final class GuardedListener implements MemoryListener {

  private final ListenerGuard guard;
  private final Optional<String> device;
  private final MemoryListener listener;

  /**
   * A listener of somebody else.
   *
   * @param guard stands before it
   * @param device the name of the device that it follows
   * @param listener the listener
   */
  GuardedListener(ListenerGuard guard, Optional<String> device, MemoryListener listener) {
    this.guard = guard;
    this.device = device;
    this.listener = listener;
  }

  /** What it has to tell, if it tells anything and has never failed. */
  Optional<ListenerReport> report() {
    if (!(listener instanceof ReportingListener reporting)) {
      return Optional.empty();
    }
    return guard.ask(
        "report", () -> new ListenerReport(guard.name(), device, List.copyOf(reporting.report())));
  }

  @Override
  public void begin() {
    guard.tell("begin", listener::begin);
  }

  @Override
  public void commit() {
    guard.tell("commit", listener::commit);
  }

  @Override
  public void regionAdd(MemorySection section) {
    guard.tell("regionAdd", () -> listener.regionAdd(section));
  }

  @Override
  public void regionDel(MemorySection section) {
    guard.tell("regionDel", () -> listener.regionDel(section));
  }

  @Override
  public void regionNop(MemorySection section) {
    guard.tell("regionNop", () -> listener.regionNop(section));
  }

  @Override
  public boolean takesRegionNop() {
    return guard.ask("takesRegionNop", listener::takesRegionNop).orElse(false);
  }

  @Override
  public void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    guard.tell("logStart", () -> listener.logStart(section, before, after));
  }

  @Override
  public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    guard.tell("logStop", () -> listener.logStop(section, before, after));
  }

  @Override
  public void logSync(MemorySection section) {
    guard.tell("logSync", () -> listener.logSync(section));
  }

  @Override
  public Optional<QemuError> logGlobalStart() {
    guard.tell("logGlobalStart", listener::logGlobalStart);
    return Optional.empty();
  }

  @Override
  public void logGlobalStop() {
    guard.tell("logGlobalStop", listener::logGlobalStop);
  }
}
