package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.error.PluginGuard;
import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/** What translates for an IOMMU region, which a plugin made. */
final class GuardedModel implements IommuModel {

  private final IommuModel model;
  private final PluginGuard guard;

  GuardedModel(String region, IommuModel model) {
    this.model = model;
    this.guard = new PluginGuard("the vIOMMU of memory region '" + region + "'");
  }

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    return guard.call("translate", () -> model.translate(iova, access));
  }

  @Override
  public long minimumPageSize() {
    return guard.call("minimumPageSize", model::minimumPageSize);
  }

  @Override
  public void replay(IommuNotifier notifier) {
    guard.run("replay", () -> model.replay(notifier));
  }

  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    return guard.call("notifierFlagsChanged", () -> model.notifierFlagsChanged(before, after));
  }

  @Override
  public Optional<QemuError> offerPageSizes(long pageSizes) {
    return guard.call("offerPageSizes", () -> model.offerPageSizes(pageSizes));
  }
}
