package io.github.stopcopy.vfiopci.kernel;

import io.github.stopcopy.core.host.HostFacts;
import java.util.HashMap;
import java.util.Map;

/**
 * A kernel that answers from host facts. Failures that the facts ask for win over the kernel's own
 * checks. Nothing is mapped in reality; only the books are kept. Not thread-safe.
 */
public final class SimulatedKernel implements VfioKernel {

  /** Groups that nobody numbered get numbers from here on, so that they meet no real one. */
  private static final int FIRST_OWN_GROUP = 1_000_000;

  private final HostFacts host;
  private final Map<String, Integer> ownGroups = new HashMap<>();

  /** A kernel of this host. */
  public SimulatedKernel(HostFacts host) {
    this.host = host;
  }

  @Override
  public int group(String device) {
    return host.device(device)
        .group()
        .orElseGet(
            () -> ownGroups.computeIfAbsent(device, name -> FIRST_OWN_GROUP + ownGroups.size()));
  }

  @Override
  public KernelContainer openContainer() {
    return new SimulatedContainer(host.container(), host.pageSize());
  }

  @Override
  public KernelDevice openDevice(String device) {
    return new SimulatedDevice(host.device(device), host.pageSize());
  }
}
