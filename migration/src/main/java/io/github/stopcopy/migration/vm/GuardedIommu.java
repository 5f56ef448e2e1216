package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.PluginGuard;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;
import java.util.Optional;

/** Names a vIOMMU model of somebody else when it throws or answers nothing. */
final class GuardedIommu implements VirtualIommu {

  private final VirtualIommu model;
  private final PluginGuard guard;

  private GuardedIommu(VirtualIommu model, PluginGuard guard) {
    this.model = model;
    this.guard = guard;
  }

  /** Realizes a vIOMMU; the model is guarded as its provider is. */
  static Result<VirtualIommu> realize(
      String name, VirtualIommuProvider provider, PropertyValues values, MachineFacts machine) {
    PluginGuard guard = new PluginGuard("vIOMMU " + name);
    Result<VirtualIommu> realized = guard.call("realize", () -> provider.realize(values, machine));
    if (realized instanceof Result.Ok<VirtualIommu> ok) {
      return Result.ok(new GuardedIommu(guard.call("realize", ok::value), guard));
    }
    return realized;
  }

  @Override
  public AddressSpace addressSpace(PciAddress requester) {
    return guard.call("addressSpace", () -> model.addressSpace(requester));
  }

  @Override
  public Optional<QemuError> attach(PciAddress requester, HostIommu host) {
    return guard.call("attach", () -> model.attach(requester, host));
  }

  @Override
  public void detach(PciAddress requester) {
    guard.run("detach", () -> model.detach(requester));
  }

  @Override
  public Optional<QemuError> machineDone(List<PciAddress> assigned) {
    return guard.call("machineDone", () -> model.machineDone(assigned));
  }

  @Override
  public ActionResult guest(GuestAction action) {
    return guard.call("guest", () -> model.guest(action));
  }

  @Override
  public IovaLimits limits() {
    return guard.call("limits", model::limits);
  }

  @Override
  public Optional<String> nonMigratable() {
    return guard.call("nonMigratable", model::nonMigratable);
  }
}
