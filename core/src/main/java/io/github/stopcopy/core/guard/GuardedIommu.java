package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names a vIOMMU of somebody else when it throws or answers what no vIOMMU may. */
@SuppressWarnings("ReferenceEquality") // address spaces are who they are
final class GuardedIommu implements VirtualIommu {

  private final VirtualIommu model;
  private final MachineFacts machine;
  private final PluginGuard guard;
  private final Map<PciAddress, AddressSpace> spaces = new HashMap<>();

  GuardedIommu(VirtualIommu model, MachineFacts machine, PluginGuard guard) {
    this.model = model;
    this.machine = machine;
    this.guard = guard;
  }

  /** What a device is behind decides whether it blocks, so no lie passes here. */
  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    AddressSpace space = guard.call("addressSpace", () -> model.addressSpace(requester));
    if (space == machine.system()) {
      throw guard.failure(
          "addressSpace answered the system's own for " + requester + ", expected another one");
    }
    if (machine.memory().addressSpaces().stream().noneMatch(known -> known == space)) {
      throw guard.failure("addressSpace answered one of another VM for " + requester);
    }
    AddressSpace before = spaces.putIfAbsent(requester, space);
    if (before != null && before != space) {
      throw guard.failure(
          "addressSpace answered another one for " + requester + " than before, expected the same");
    }
    return space;
  }

  @Override
  public Optional<QemuError> attach(PciAddress requester, HostIommu host) {
    return guard.callForError("attach", () -> model.attach(requester, host));
  }

  @Override
  public void detach(PciAddress requester) {
    guard.run("detach", () -> model.detach(requester));
  }

  @Override
  public Optional<QemuError> refusesPlug() {
    return guard.callForError("refusesPlug", model::refusesPlug);
  }

  @Override
  public Optional<QemuError> machineDone(List<PciAddress> assigned) {
    List<PciAddress> given = List.copyOf(assigned);
    return guard.callForError("machineDone", () -> model.machineDone(given));
  }

  @Override
  public ActionResult guest(GuestAction action) {
    return guard.call(
        "guest",
        () -> {
          ActionResult result = model.guest(action);
          return result instanceof ActionResult.Unsupported unsupported
              ? new ActionResult.Unsupported(PluginText.oneLine(unsupported.reason()))
              : result;
        });
  }

  @Override
  public IovaLimits limits() {
    IovaLimits limits = guard.call("limits", model::limits);
    int bits = limits.addressBits();
    if (bits < 0 || bits > 64 || limits.canTranslate() && bits == 0) {
      throw guard.failure("limits answered " + bits + " address bits, expected 1 to 64");
    }
    return limits;
  }

  @Override
  public Optional<String> nonMigratable() {
    return guard.call("nonMigratable", model::nonMigratable).map(PluginText::oneLine);
  }
}
