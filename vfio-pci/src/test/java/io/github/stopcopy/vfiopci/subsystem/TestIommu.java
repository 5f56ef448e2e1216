package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbEvent;
import io.github.stopcopy.core.memory.NotifierFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A vIOMMU with a list of translations. */
public final class TestIommu implements IommuModel {

  public final List<IotlbEntry> table = new ArrayList<>();
  public final List<String> log = new ArrayList<>();
  public Optional<QemuError> refusesNotifiers = Optional.empty();
  public Optional<QemuError> refusesPageSizes = Optional.empty();

  public static IotlbEntry entry(
      AddressSpace target, long iova, long to, long size, IommuAccess access) {
    return new IotlbEntry(target, iova, to, size - 1, access);
  }

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    return table.stream().filter(entry -> entry.iova() == iova).findFirst();
  }

  @Override
  public void replay(IommuNotifier notifier) {
    log.add("replay");
    for (IotlbEntry entry : List.copyOf(table)) {
      notifier.deliver(new IotlbEvent(IotlbEvent.Type.MAP, entry));
    }
  }

  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    log.add("flags " + (after.map() ? "map" : "") + (after.unmap() ? " unmap" : ""));
    return after.map() ? refusesNotifiers : Optional.empty();
  }

  @Override
  public Optional<QemuError> offerPageSizes(long pageSizes) {
    log.add("page sizes " + Long.toHexString(pageSizes));
    return refusesPageSizes;
  }
}
