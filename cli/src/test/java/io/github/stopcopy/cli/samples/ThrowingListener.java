package io.github.stopcopy.cli.samples;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.DirtyLogMask;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.ListenerScope;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.core.spi.ReportingListener;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes listeners that throw at one callback, given as a parameter, or at every one. */
public final class ThrowingListener implements MemoryListenerProvider, ReportingListener {

  private final Optional<String> at;

  /** For ServiceLoader. */
  public ThrowingListener() {
    this(Optional.empty());
  }

  private ThrowingListener(Optional<String> at) {
    this.at = at;
  }

  @Override
  public String name() {
    return "throwing";
  }

  @Override
  public String description() {
    throw new IllegalStateException("description");
  }

  @Override
  public Set<ListenerScope> scopes() {
    return Set.of(ListenerScope.PROCESSOR, ListenerScope.DEVICES);
  }

  @Override
  public MemoryListener open(ListenerConfig config) {
    return new ThrowingListener(Optional.ofNullable(config.parameters().get("at")));
  }

  private void at(String callback) {
    if (at.isEmpty() || at.get().equals(callback)) {
      throw new IllegalStateException(callback);
    }
  }

  @Override
  public void begin() {
    at("begin");
  }

  @Override
  public void commit() {
    at("commit");
  }

  @Override
  public void regionAdd(MemorySection section) {
    at("regionAdd");
  }

  @Override
  public void regionDel(MemorySection section) {
    at("regionDel");
  }

  @Override
  public void regionNop(MemorySection section) {
    at("regionNop");
  }

  @Override
  public void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    at("logStart");
  }

  @Override
  public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
    at("logStop");
  }

  @Override
  public void logSync(MemorySection section) {
    at("logSync");
  }

  @Override
  public Optional<QemuError> logGlobalStart() {
    at("logGlobalStart");
    return Optional.of(QemuError.of("never mind"));
  }

  @Override
  public void logGlobalStop() {
    at("logGlobalStop");
  }

  @Override
  public List<String> report() {
    throw new IllegalStateException("report");
  }
}
