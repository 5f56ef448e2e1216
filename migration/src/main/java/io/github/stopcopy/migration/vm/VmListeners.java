package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.guard.GuardedListenerProvider;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.ListenerScope;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The memory listeners that look on and change nothing. Those chosen by name are opened for the
 * processor and for each device as it comes, and end when the device goes; others can be added. One
 * that throws is not called any more. Not thread-safe, as the VM is not.
 *
 * {@snippet file="PlayTest.java" region="listeners"}
 */
public final class VmListeners {

  private record Observer(
      ListenerGuard guard,
      MemoryListenerProvider provider,
      ListenerRequest request,
      Set<ListenerScope> scopes) {

    Optional<GuardedListener> open(Optional<String> device, int pageSize) {
      ListenerConfig config = new ListenerConfig(device, pageSize, request.parameters());
      return guard
          .ask("open", () -> provider.open(config))
          .map(listener -> new GuardedListener(guard, device, listener));
    }
  }

  /** Maps made for more take more memory than all of a small VM's devices. */
  private static final int FEW = 2;

  private final GuestMemory memory;
  private final int pageSize;
  private final List<Observer> observers = new ArrayList<>();
  private final List<ListenerGuard> guards = new ArrayList<>();
  private final List<GuardedListener> opened = new ArrayList<>();
  private final IdentityHashMap<VfioPciDevice, List<GuardedListener>> byDevice =
      new IdentityHashMap<>(FEW);
  private final IdentityHashMap<MemoryListener, GuardedListener> added = new IdentityHashMap<>(FEW);

  /**
   * Nobody looks on yet.
   *
   * @param memory the guest's memory
   * @param pageSize the host's page size in bytes
   */
  VmListeners(GuestMemory memory, int pageSize) {
    this.memory = memory;
    this.pageSize = pageSize;
  }

  /**
   * Lets the listeners that are asked for look on; those of the processor begin at once.
   *
   * @throws InputException if one is not there or refuses its parameters
   */
  void open(
      List<ListenerRequest> requests,
      ProviderSet<MemoryListenerProvider> providers,
      AddressSpace system)
      throws InputException {
    for (ListenerRequest request : requests) {
      MemoryListenerProvider provider = providers.named("memory listener", request.listener());
      ListenerGuard guard = new ListenerGuard(request.listener(), watchOf(provider));
      guards.add(guard);
      Optional<MemoryListener> first =
          checked(
              guard,
              provider,
              new ListenerConfig(Optional.empty(), pageSize, request.parameters()));
      Optional<Set<ListenerScope>> scopes =
          guard.ask("scopes", () -> Set.copyOf(provider.scopes()));
      if (first.isEmpty() || scopes.isEmpty()) {
        continue;
      }
      observers.add(new Observer(guard, provider, request, scopes.get()));
      if (scopes.get().contains(ListenerScope.PROCESSOR)) {
        register(new GuardedListener(guard, Optional.empty(), first.get()), system);
      }
    }
  }

  private static PluginWatch watchOf(MemoryListenerProvider provider) {
    return provider instanceof GuardedListenerProvider guarded ? guarded.watch() : PluginWatch.NONE;
  }

  private static Optional<MemoryListener> checked(
      ListenerGuard guard, MemoryListenerProvider provider, ListenerConfig config)
      throws InputException {
    List<InputException> refusals = new ArrayList<>();
    Optional<MemoryListener> opened =
        guard.ask(
            "open",
            () -> {
              try {
                return provider.open(config);
              } catch (InputException refusal) {
                refusals.add(refusal);
                throw refusal;
              }
            });
    if (!refusals.isEmpty()) {
      throw InputException.of(
          "memory listener " + guard.name() + ": " + refusals.get(0).getMessage());
    }
    return opened;
  }

  /**
   * A device is about to be followed by VFIO's listener. Ours is registered before that of a new
   * container (R-AS-60), so that it also sees what QEMU dies of.
   */
  void attach(VfioPciDevice device, AddressSpace space) {
    List<GuardedListener> own = new ArrayList<>();
    for (Observer observer : observers) {
      if (observer.scopes().contains(ListenerScope.DEVICES)) {
        observer.open(Optional.of(device.name()), pageSize).ifPresent(own::add);
      }
    }
    own.forEach(listener -> register(listener, space));
    byDevice.put(device, own);
  }

  /** A device is gone, or has not come after all. */
  void detach(VfioPciDevice device) {
    List<GuardedListener> own = byDevice.remove(device);
    if (own != null) {
      own.forEach(memory::unregister);
    }
  }

  private void register(GuardedListener listener, AddressSpace space) {
    opened.add(listener);
    memory.register(listener, space);
  }

  /**
   * Lets a listener look on until it is removed: what the address space shows is replayed to it at
   * once (R-AS-60). Neither what it answers nor what it throws changes anything.
   *
   * @param space one of {@link Vm#addressSpaces}, which has that of each device's container
   * @throws IllegalStateException if it looks on already
   */
  public void add(MemoryListener listener, AddressSpace space) {
    if (added.containsKey(listener)) {
      throw new IllegalStateException("the listener is registered already");
    }
    ListenerGuard guard = new ListenerGuard(listener.getClass().getName(), PluginWatch.NONE);
    guards.add(guard);
    GuardedListener guarded = new GuardedListener(guard, Optional.empty(), listener);
    added.put(listener, guarded);
    memory.register(guarded, space);
  }

  /**
   * Takes a listener out that was added, after telling it that everything goes (R-AS-61).
   *
   * @throws IllegalStateException if it does not look on
   */
  public void remove(MemoryListener listener) {
    GuardedListener guarded = added.remove(listener);
    if (guarded == null) {
      throw new IllegalStateException("the listener is not registered");
    }
    memory.unregister(guarded);
  }

  /**
   * What those chosen by name tell, in the order in which they were opened, those of devices that
   * went included; those that failed tell nothing.
   */
  public List<ListenerReport> reports() {
    List<ListenerReport> reports = new ArrayList<>();
    for (GuardedListener listener : opened) {
      listener.report().ifPresent(reports::add);
    }
    return reports;
  }

  /** A line for each that failed; it names the listener. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    guards.forEach(guard -> guard.problem().ifPresent(problems::add));
    return problems;
  }
}
