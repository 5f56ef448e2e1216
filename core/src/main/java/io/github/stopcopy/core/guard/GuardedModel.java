package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.NotifierFlags;
import java.util.Optional;

/** What translates for an IOMMU region that somebody else's vIOMMU made. */
final class GuardedModel implements IommuModel {

  private final IommuModel model;
  private final PluginGuard guard;

  GuardedModel(IommuModel model, PluginGuard guard) {
    this.model = model;
    this.guard = guard;
  }

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    return guard.call("translate", () -> model.translate(iova, access));
  }

  @Override
  public long minimumPageSize() {
    long size = guard.call("minimumPageSize", model::minimumPageSize);
    if (Long.bitCount(size) != 1) {
      throw guard.failure(
          "minimumPageSize answered " + Long.toUnsignedString(size) + ", expected a power of two");
    }
    return size;
  }

  @Override
  public void replay(IommuNotifier notifier) {
    guard.run("replay", () -> model.replay(notifier));
  }

  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    return guard.callForError(
        "notifierFlagsChanged", () -> model.notifierFlagsChanged(before, after));
  }

  @Override
  public Optional<QemuError> offerPageSizes(long pageSizes) {
    return guard.callForError("offerPageSizes", () -> model.offerPageSizes(pageSizes));
  }
}
