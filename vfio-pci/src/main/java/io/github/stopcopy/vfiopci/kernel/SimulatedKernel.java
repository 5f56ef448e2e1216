package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A kernel that answers from host facts. Failures that the facts ask for win over the kernel's own
 * checks. Nothing is mapped in reality; only the books are kept. Not thread-safe.
 */
public final class SimulatedKernel implements VfioKernel {

  /** Groups that nobody numbered get numbers from here on, so that they meet no real one. */
  private static final int FIRST_OWN_GROUP = 1_000_000;

  private final HostFacts host;
  private final Function<String, DirtyTracker> trackers;
  private final Map<String, Integer> ownGroups = new HashMap<>(4);

  /** A kernel of this host whose devices log all they are asked to. */
  public SimulatedKernel(HostFacts host) {
    this(host, device -> new DeviceLogTracker(DeviceLimits.NONE));
  }

  /**
   * A kernel of this host.
   *
   * @param host what it answers from
   * @param trackers opens the tracker of a device, by the name of the host's device
   */
  public SimulatedKernel(HostFacts host, Function<String, DirtyTracker> trackers) {
    this.host = host;
    this.trackers = trackers;
  }

  /** What it answers from. */
  public HostFacts host() {
    return host;
  }

  @Override
  public int group(String device) {
    return host.device(device)
        .group()
        .orElseGet(
            () -> ownGroups.computeIfAbsent(device, name -> FIRST_OWN_GROUP + ownGroups.size()));
  }

  @Override
  public KernelContainer openContainer(boolean iommufd) {
    return new SimulatedContainer(host.container(), host.pageSize(), iommufd);
  }

  @Override
  public KernelDevice openDevice(String device) {
    return new SimulatedDevice(host.device(device), host.pageSize(), trackers.apply(device));
  }
}
