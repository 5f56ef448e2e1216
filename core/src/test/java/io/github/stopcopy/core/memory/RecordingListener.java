package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.error.QemuError;
import java.util.List;
import java.util.Optional;

/**
 * Writes every callback into a log that several listeners may share, as {@code NAME callback row}.
 */
final class RecordingListener implements MemoryListener {

  private final String name;
  private final int priority;
  private final List<String> log;
  Optional<QemuError> refusal = Optional.empty();

  RecordingListener(String name, int priority, List<String> log) {
    this.name = name;
    this.priority = priority;
    this.log = log;
  }

  @Override
  public int priority() {
    return priority;
  }

  @Override
  public void begin() {
    log.add(name + " begin");
  }

  @Override
  public void commit() {
    log.add(name + " commit");
  }

  @Override
  public void regionAdd(MemorySection section) {
    log.add(name + " add " + Views.row(section));
  }

  @Override
  public void regionDel(MemorySection section) {
    log.add(name + " del " + Views.row(section));
  }

  @Override
  public void regionNop(MemorySection section) {
    log.add(name + " nop " + Views.row(section));
  }

  @Override
  public void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    log.add(name + " log-start " + Views.row(section) + " " + text(before) + ">" + text(after));
  }

  @Override
  public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    log.add(name + " log-stop " + Views.row(section) + " " + text(before) + ">" + text(after));
  }

  @Override
  public void logSync(MemorySection section) {
    log.add(name + " sync " + Views.row(section));
  }

  @Override
  public Optional<QemuError> logGlobalStart() {
    log.add(name + " global-start");
    return refusal;
  }

  @Override
  public void logGlobalStop() {
    log.add(name + " global-stop");
  }

  private static String text(DirtyLogMask mask) {
    return "{"
        + (mask.vga() ? "v" : "")
        + (mask.code() ? "c" : "")
        + (mask.migration() ? "m" : "")
        + "}";
  }
}
