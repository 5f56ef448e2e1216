package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Collects what a {@link Vm} is played with. Without more, the newest QEMU that is known runs it on
 * a host that can do everything, exactly as QEMU does. Not thread-safe.
 */
public final class VmBuilder {

  private final VmConfig config;
  private QemuProfile profile = QemuProfile.newest();
  private HostFacts host = HostFacts.CAPABLE;
  private Optional<Plugins> plugins = Optional.empty();
  private Optional<List<MigrationRule>> rules = Optional.empty();
  private Optional<Function<String, DirtyTracker>> trackers = Optional.empty();
  private VfioPolicy policy = VfioPolicy.EXACT;
  private EventLog events = event -> {};
  private final List<ListenerRequest> listeners = new ArrayList<>();

  VmBuilder(VmConfig config) {
    this.config = config;
  }

  /** Sets which release runs it. */
  public VmBuilder profile(QemuProfile release) {
    profile = release;
    return this;
  }

  /** Sets where it runs. */
  public VmBuilder host(HostFacts facts) {
    host = facts;
    return this;
  }

  /** Sets who models vIOMMUs and device types; without it ServiceLoader is asked. */
  public VmBuilder plugins(Plugins found) {
    plugins = Optional.of(found);
    return this;
  }

  /** Sets the rules that decide, in their order; without it those of QEMU. */
  public VmBuilder rules(List<MigrationRule> deciding) {
    rules = Optional.of(List.copyOf(deciding));
    return this;
  }

  /**
   * Sets who opens the dirty tracker of a device, by the name of the host's device; without it
   * devices log all they are asked to.
   */
  public VmBuilder trackers(Function<String, DirtyTracker> opening) {
    trackers = Optional.of(opening);
    return this;
  }

  /** Sets where it departs from QEMU; {@link VfioPolicy#EXACT} by default. */
  public VmBuilder policy(VfioPolicy wanted) {
    policy = wanted;
    return this;
  }

  /** Sets who takes what happens, as it happens; without it nobody does. */
  public VmBuilder events(EventLog log) {
    events = log;
    return this;
  }

  /** Lets a memory listener among the plugins look on; repeatable. */
  public VmBuilder listener(ListenerRequest request) {
    listeners.add(request);
    return this;
  }

  /**
   * A VM that is not booted yet.
   *
   * @throws InputException if plugins are to be found and two have one name, or if a memory
   *     listener is not there or refuses its parameters
   */
  public Vm build() throws InputException {
    SimulatedKernel kernel =
        trackers.isPresent()
            ? new SimulatedKernel(host, trackers.get())
            : new SimulatedKernel(host);
    Plugins found = plugins.isPresent() ? plugins.get() : Plugins.load();
    VmParts parts =
        VmParts.assemble(
            config,
            profile,
            kernel,
            found,
            rules.orElseGet(() -> new QemuRuleSet().rules(profile)),
            policy,
            events);
    AddressSpace system = parts.machine().facts().system();
    parts.listeners().open(listeners, found.memoryListeners(), system);
    return new Vm(parts);
  }
}
