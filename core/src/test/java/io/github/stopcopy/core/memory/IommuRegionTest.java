package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.CALLS_REAL_METHODS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** IOMMU regions and their notifiers (R-AS-80 .. R-AS-86). */
class IommuRegionTest {

  private static final NotifierFlags MAP = new NotifierFlags(true, false, false);
  private static final NotifierFlags UNMAP = new NotifierFlags(false, true, false);
  private static final NotifierFlags DEVICE_UNMAP = new NotifierFlags(false, false, true);

  private final GuestMemory memory = new GuestMemory(false, true);
  private final TableModel model = new TableModel();
  private final MemoryRegion.Iommu region = memory.iommu("iommu", ALL, model);
  private final List<IotlbEntry> heard = new ArrayList<>();

  /** A vIOMMU with a table of entries that writes down how the flags change. */
  private static final class TableModel implements IommuModel {
    final Map<Long, IotlbEntry> table = new TreeMap<>();
    final List<String> flagChanges = new ArrayList<>();
    final List<Long> asked = new ArrayList<>();
    Optional<QemuError> refusal = Optional.empty();

    @Override
    public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
      assertThat(access).isEqualTo(IommuAccess.NONE);
      asked.add(iova);
      return Optional.ofNullable(table.get(iova));
    }

    @Override
    public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
      flagChanges.add(text(before) + ">" + text(after));
      return refusal;
    }

    private static String text(NotifierFlags flags) {
      return (flags.unmap() ? "u" : "")
          + (flags.map() ? "m" : "")
          + (flags.deviceIotlbUnmap() ? "d" : "");
    }
  }

  private IommuNotifier notifier(NotifierFlags flags, long start, long end) {
    return new IommuNotifier(flags, start, end, heard::add);
  }

  private static IotlbEntry entry(long iova, long mask, IommuAccess access) {
    return new IotlbEntry(null, iova, 0x70000000L + iova, mask, access);
  }

  private static IotlbEvent map(long iova, long mask) {
    return new IotlbEvent(IotlbEvent.Type.MAP, entry(iova, mask, IommuAccess.READ_WRITE));
  }

  private static IotlbEvent unmap(IotlbEvent.Type type, long iova, long mask) {
    return new IotlbEvent(type, entry(iova, mask, IommuAccess.NONE));
  }

  @Test
  void R_AS_80_permissions() {
    assertThat(IommuAccess.values())
        .containsExactly(
            IommuAccess.NONE, IommuAccess.READ, IommuAccess.WRITE, IommuAccess.READ_WRITE);
    assertThat(IommuAccess.NONE.canRead() || IommuAccess.NONE.canWrite()).isFalse();
    assertThat(IommuAccess.READ.canRead() && !IommuAccess.READ.canWrite()).isTrue();
    assertThat(!IommuAccess.WRITE.canRead() && IommuAccess.WRITE.canWrite()).isTrue();
    assertThat(IommuAccess.READ_WRITE.canRead() && IommuAccess.READ_WRITE.canWrite()).isTrue();
  }

  @Test
  void R_AS_81_theMaskIsTheSizeMinus1() {
    assertThat(entry(0x1000, 0xfff, IommuAccess.READ).lastIova()).isEqualTo(0x1fff);
    assertThat(entry(0, -1, IommuAccess.NONE).lastIova()).isEqualTo(-1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> entry(-0x1000L, 0x1fff, IommuAccess.READ))
        .withMessage("translation at 0xfffffffffffff000 with mask 0x1fff reaches beyond 2^64-1");
  }

  @Test
  void R_AS_82_flagsUnite() {
    assertThat(MAP.or(UNMAP)).isEqualTo(NotifierFlags.IOTLB_EVENTS);
    assertThat(NotifierFlags.NONE.or(DEVICE_UNMAP)).isEqualTo(DEVICE_UNMAP);
  }

  @Test
  void R_AS_83_aNotifierNeedsFlagsAndAnOrderedRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> notifier(NotifierFlags.NONE, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> notifier(MAP, 2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> notifier(MAP, -1, 0));
    assertThat(notifier(MAP, 5, 5).start()).isEqualTo(5);
    assertThat(notifier(MAP, 0, -1).end()).isEqualTo(-1);
  }

  @Test
  void R_AS_83_theNewestNotifierIsFirstAndTheModelHearsOfNewFlagsOnly() {
    IommuNotifier one = notifier(UNMAP, 0, -1);
    IommuNotifier two = notifier(UNMAP, 0, -1);
    IommuNotifier three = notifier(NotifierFlags.IOTLB_EVENTS, 0, -1);
    region.register(one);
    region.register(two);
    region.register(three);
    assertThat(region.notifiers()).containsExactly(three, two, one).isUnmodifiable();
    assertThat(model.flagChanges).containsExactly(">u", "u>um");
    region.unregister(one);
    region.unregister(three);
    region.unregister(two);
    assertThat(model.flagChanges).containsExactly(">u", "u>um", "um>u", "u>");
  }

  @Test
  void R_AS_83_aRefusedNotifierIsTakenOutAgain() {
    QemuError refusal = QemuError.of("caching-mode=on is needed");
    region.register(notifier(UNMAP, 0, -1));
    model.refusal = Optional.of(refusal);
    assertThat(region.register(notifier(MAP, 0, -1))).contains(refusal);
    assertThat(region.notifiers()).hasSize(1);
    assertThat(region.register(notifier(UNMAP, 0, -1))).isEmpty();
    assertThat(region.notifiers()).hasSize(2);
  }

  @Test
  void R_AS_83_unregisteringIgnoresTheModelsError() {
    IommuNotifier one = notifier(MAP, 0, -1);
    region.register(one);
    model.refusal = Optional.of(QemuError.of("no"));
    region.unregister(one);
    assertThat(region.notifiers()).isEmpty();
    region.unregister(one);
    assertThat(model.flagChanges).containsExactly(">m", "m>");
  }

  @Test
  void R_AS_83_aNotifierIsRegisteredOnce() {
    IommuNotifier one = notifier(MAP, 0, -1);
    region.register(one);
    assertThatIllegalStateException().isThrownBy(() -> region.register(one));
    assertThat(region.notifiers()).hasSize(1);
  }

  @Test
  void R_AS_84_eventsOutsideTheRangeAreDropped() {
    region.register(notifier(NotifierFlags.IOTLB_EVENTS, 0x10000, 0x1ffff));
    region.notifyAll(map(0xf000, 0xfff));
    region.notifyAll(map(0x20000, 0xfff));
    assertThat(heard).isEmpty();
    region.notifyAll(map(0x10000, 0xffff));
    assertThat(heard).hasSize(1);
  }

  @Test
  void R_AS_84_anEventMustLieWithinTheRange() {
    IommuNotifier one = notifier(NotifierFlags.IOTLB_EVENTS, 0x10000, 0x1ffff);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.deliver(map(0xf000, 0x1fff)))
        .withMessageContaining("0xf000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.deliver(unmap(IotlbEvent.Type.UNMAP, 0x1f000, 0x1fff)));
  }

  @Test
  void R_AS_84_deviceIotlbEventsAreCropped() {
    region.register(notifier(DEVICE_UNMAP, 0x10000, 0x1ffff));
    region.notifyAll(unmap(IotlbEvent.Type.DEVICE_IOTLB_UNMAP, 0, -1));
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).iova()).isEqualTo(0x10000);
    assertThat(heard.get(0).lastIova()).isEqualTo(0x1ffff);
  }

  @Test
  void R_AS_84_aCroppedEventLeadsWhereItsFirstAddressDid() {
    region.register(notifier(DEVICE_UNMAP, 0x10000, 0x1ffff));
    region.notifyAll(unmap(IotlbEvent.Type.DEVICE_IOTLB_UNMAP, 0x1000, 0xfffff));
    assertThat(heard)
        .containsExactly(new IotlbEntry(null, 0x10000, 0x70010000L, 0xffff, IommuAccess.NONE));
  }

  @Test
  void R_AS_84_onlyWantedEventsAreDelivered() {
    IommuNotifier maps = notifier(MAP, 0, -1);
    IommuNotifier unmaps = notifier(UNMAP, 0, -1);
    IommuNotifier devices = notifier(DEVICE_UNMAP, 0, -1);
    IotlbEvent map = map(0x1000, 0xfff);
    IotlbEvent unmap = unmap(IotlbEvent.Type.UNMAP, 0x2000, 0xfff);
    IotlbEvent device = unmap(IotlbEvent.Type.DEVICE_IOTLB_UNMAP, 0x3000, 0xfff);
    for (IommuNotifier notifier : List.of(maps, unmaps, devices)) {
      notifier.deliver(map);
      notifier.deliver(unmap);
      notifier.deliver(device);
    }
    assertThat(heard).containsExactly(map.entry(), unmap.entry(), device.entry());
  }

  @Test
  void R_AS_84_anUnmapGivesNoAccess() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IotlbEvent(IotlbEvent.Type.UNMAP, entry(0, 0xfff, IommuAccess.READ)));
  }

  @Test
  void R_AS_84_everyNotifierHearsNewestFirst() {
    List<String> order = new ArrayList<>();
    region.register(new IommuNotifier(MAP, 0, -1, entry -> order.add("old")));
    region.register(new IommuNotifier(MAP, 0, -1, entry -> order.add("new")));
    region.notifyAll(map(0, 0xfff));
    assertThat(order).containsExactly("new", "old");
  }

  @Test
  void R_AS_85_theDefaultReplayStepsByPagesAndDeliversWhatIsMapped() {
    model.table.put(0x1000L, entry(0x1000, 0xfff, IommuAccess.READ));
    model.table.put(0x2000L, entry(0x2000, 0xfff, IommuAccess.NONE));
    model.table.put(0x3000L, entry(0x3000, 0xfff, IommuAccess.WRITE));
    model.table.put(0x5000L, entry(0x5000, 0xfff, IommuAccess.READ));
    model.replay(notifier(NotifierFlags.IOTLB_EVENTS, 0, 0x4fff));
    assertThat(model.asked).containsExactly(0L, 0x1000L, 0x2000L, 0x3000L, 0x4000L);
    assertThat(heard).containsExactly(model.table.get(0x1000L), model.table.get(0x3000L));
  }

  @Test
  void R_AS_85_theDefaultReplayStopsWhereAddressesWouldWrap() {
    model.replay(notifier(MAP, -0x2000L, -1));
    assertThat(model.asked).containsExactly(-0x2000L, -0x1000L);
  }

  @Test
  void R_AS_85_theDefaultReplayRefusesMoreThanAMillionPagesAndSaysWhatToImplement() {
    long pages = 1L << 20;
    model.replay(notifier(MAP, 0x1000, pages * 4096 + 0xfff));
    assertThat(model.asked).hasSize(1 << 20);

    IommuNotifier tooFar = notifier(MAP, 0x1000, pages * 4096 + 0x1000);
    assertThatThrownBy(() -> model.replay(tooFar))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage(
            model.getClass().getName()
                + " does not implement replay, and 0x1000 to 0x100001000 is too far to be asked"
                + " page by page");
    IommuNotifier everything = notifier(MAP, 0, -1);
    assertThatThrownBy(() -> model.replay(everything))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void R_AS_85_theDefaultReplayNeedsAPageSize() {
    IommuModel sizeless = mock(IommuModel.class, CALLS_REAL_METHODS);
    when(sizeless.minimumPageSize()).thenReturn(0L);
    IommuNotifier small = notifier(MAP, 0, 0xfff);
    assertThatThrownBy(() -> sizeless.replay(small))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("minimumPageSize is 0, expected a power of two");
  }

  @Test
  void guardsOfModelsAddUpTheLatestInside() {
    List<String> seen = new ArrayList<>();
    memory.guardModels(model -> {
      seen.add("first");
      return model;
    });
    memory.guardModels(model -> {
      seen.add("second");
      return model;
    });
    memory.iommu("guarded", ByteSize.of(0x1000), model);
    assertThat(seen).containsExactly("second", "first");
  }

  @Test
  void R_AS_86_pageSizesAreAcceptedByDefault() {
    assertThat(model.offerPageSizes(4096)).isEmpty();
    assertThat(model.minimumPageSize()).isEqualTo(4096);
  }
}
