package io.github.stopcopy.viommu.intel;

import static io.github.stopcopy.viommu.intel.TestVm.V1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.IotlbListener;
import io.github.stopcopy.core.memory.IotlbRun;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class IntelNotificationTest {

  private static final List<String> ENABLED =
      List.of(
          "del [0x0,0x7fffffff] ram0",
          "del [0xfee00000,0xfeefffff] vtd-ir",
          "add [0x0,0xfedfffff] vtd-05.0-dmar",
          "map 0x200000+0xfff to 0x2000000",
          "map 0x201000+0xfff to 0x2001000",
          "add [0xfee00000,0xfeefffff] vtd-ir",
          "add [0xfef00000,0xffffffffffffffff] vtd-05.0-dmar");

  private static IommuModel modelOf(TestVm vm) {
    return regionOf(vm).model();
  }

  private static MemoryRegion.Iommu regionOf(TestVm vm) {
    return (MemoryRegion.Iommu)
        vm.iommu.addressSpace(V1).root().subregions().stream()
            .filter(MemoryRegion.Iommu.class::isInstance)
            .findFirst()
            .orElseThrow();
  }

  private static TestVm enabled(QemuProfile profile) {
    TestVm vm = TestVm.with(profile, "caching-mode=on", "aw-bits=48");
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.map(V1, 0x200000, 0x2000000, 2);
    vm.enable();
    return vm;
  }

  @ParameterizedTest
  @CsvSource({
    "snoop-control=on caching-mode=on, Snoop Control with vhost or VFIO is not supported",
    "caching-mode=off, device 00.05.0 requires caching mode",
    "caching-mode=on, device 00.05.0 requires device IOTLB mode",
  })
  void R_VIO_19_refusals(String settings, String text) {
    TestVm vm = TestVm.with(QemuProfile.V8_2, settings.split(" "));
    NotifierFlags everything = new NotifierFlags(true, true, true);
    assertThat(modelOf(vm).notifierFlagsChanged(NotifierFlags.NONE, everything))
        .contains(QemuError.of(Errno.EOPNOTSUPP, text + ": Operation not supported"));
  }

  @Test
  void R_VIO_19_whatIsAllowed() {
    NotifierFlags unmapsOnly = new NotifierFlags(false, true, false);
    TestVm plain = TestVm.with(QemuProfile.V8_2, "caching-mode=off");
    assertThat(modelOf(plain).notifierFlagsChanged(NotifierFlags.NONE, unmapsOnly)).isEmpty();
    TestVm full = TestVm.with(QemuProfile.V8_2, "caching-mode=on", "device-iotlb=on");
    assertThat(
            modelOf(full)
                .notifierFlagsChanged(NotifierFlags.NONE, new NotifierFlags(true, true, true)))
        .isEmpty();
  }

  @Test
  void R_VIO_18_hotPlugWithoutCachingModeFailsWhenTheSectionAppears() {
    TestVm vm = TestVm.with(QemuProfile.V8_2);
    RecordingListener listener = vm.listenTo(V1);
    assertThat(listener.refusals).isEmpty();
    vm.enable();
    assertThat(listener.refusals)
        .extracting(QemuError::text)
        .contains("device 00.05.0 requires caching mode: Operation not supported");
  }

  @Test
  void R_VIO_24_replayMapsPageByPageWithoutUnmappingFirst() {
    TestVm vm = TestVm.usual();
    RecordingListener listener = vm.listenTo(V1);
    listener.takeLog();
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.map(V1, 0x200000, 0x2000000, 2);
    assertThat(listener.takeLog()).as("guest memory only").isEmpty();
    vm.enable();
    assertThat(listener.takeLog()).isEqualTo(ENABLED);
    vm.enable();
    vm.invalidate();
    vm.setRoot();
    assertThat(listener.takeLog()).as("nothing changed").isEmpty();
  }

  @Test
  void R_VIO_25_entriesLeadToSystemMemory() {
    TestVm vm = enabled(QemuProfile.V10_2);
    List<IotlbEntry> entries = new ArrayList<>();
    MemoryRegion.Iommu region = regionOf(vm);
    IommuNotifier notifier =
        new IommuNotifier(NotifierFlags.IOTLB_EVENTS, 0x1000, 0x200fff, entries::add);
    region.register(notifier);
    region.model().replay(notifier);
    vm.unmap(V1, 0x200000, 2);
    assertThat(entries)
        .containsExactly(
            new IotlbEntry(vm.machine.system(), 0x200000, 0x2000000, 0xfff, IommuAccess.READ_WRITE),
            new IotlbEntry(vm.machine.system(), 0x200000, 0, 0xfff, IommuAccess.NONE));
  }

  /** However many pages there are, one step announces them and one has them go. */
  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_VIO_25_pagesThatFollowEachOtherAreARun(QemuProfile profile) {
    TestVm vm = enabled(profile);
    List<String> heard = new ArrayList<>();
    IotlbListener listener =
        new IotlbListener() {
          @Override
          public void changed(IotlbEntry entry) {
            heard.add("one");
          }

          @Override
          public void changed(IotlbRun run) {
            heard.add(run.pages() + " " + run.first().type());
          }
        };
    regionOf(vm).register(IommuNotifier.ofRuns(NotifierFlags.IOTLB_EVENTS, 0, -1, listener));
    vm.map(V1, 0x40000000, 0x2000000, 100_000);
    vm.invalidate();
    vm.unmap(V1, 0x40000000, 60_000);

    assertThat(heard).containsExactly("2 MAP", "100000 MAP", "60000 UNMAP");
  }

  @Test
  void R_VIO_25_onlyDifferencesAreAnnounced() {
    TestVm vm = enabled(QemuProfile.V8_1_IOMMU_PT);
    RecordingListener listener = vm.listenTo(V1);
    listener.takeLog();
    vm.map(V1, 0x100001000L, 0x5000, 1);
    vm.map(V1, 0x201000, 0x7000, 2);
    assertThat(listener.takeLog()).isEmpty();
    vm.invalidate();
    assertThat(listener.takeLog())
        .containsExactly(
            "unmap 0x201000+0xfff was 0x7000", "map 0x201000+0xfff to 0x7000",
            "map 0x202000+0xfff to 0x8000", "map 0x100001000+0xfff to 0x5000");
    vm.unmap(V1, 0x200000, 2);
    assertThat(listener.takeLog())
        .containsExactly("unmap 0x200000+0xfff was 0x0", "unmap 0x201000+0xfff was 0x0");
    vm.unmap(V1, 0x200000, 2);
    assertThat(listener.takeLog()).as("cleared before").isEmpty();
  }

  @Test
  void R_VIO_25_unmapsOf110CarryTheOldAddress() {
    TestVm vm = enabled(QemuProfile.V11_0);
    RecordingListener listener = vm.listenTo(V1);
    listener.takeLog();
    vm.map(V1, 0x201000, 0x7000, 1);
    vm.unmap(V1, 0x200000, 1);
    assertThat(listener.takeLog())
        .containsExactly(
            "unmap 0x200000+0xfff was 0x2000000",
            "unmap 0x201000+0xfff was 0x2001000",
            "map 0x201000+0xfff to 0x7000");
  }

  @ParameterizedTest
  @EnumSource
  void R_VIO_25_everythingIsUnmappedBeforeTheRegionGoes(QemuProfile profile) {
    TestVm vm = TestVm.with(profile, "caching-mode=on", "aw-bits=39");
    vm.context(V1, ContextMode.TRANSLATE, 39);
    vm.map(V1, 0x200000, 0x2000000, 1);
    vm.enable();
    RecordingListener listener = vm.listenTo(V1);
    listener.takeLog();
    vm.context(V1, ContextMode.PASSTHROUGH, 39);
    vm.invalidate();
    List<String> expected = new ArrayList<>();
    for (String piece :
        List.of(
            // up to the interrupt window
            "0x0+0x7fffffff",
            "0x80000000+0x3fffffff",
            "0xc0000000+0x1fffffff",
            "0xe0000000+0xfffffff",
            "0xf0000000+0x7ffffff",
            "0xf8000000+0x3ffffff",
            "0xfc000000+0x1ffffff",
            "0xfe000000+0x7fffff",
            "0xfe800000+0x3fffff",
            "0xfec00000+0x1fffff",
            // and from its end to 2^39-1
            "0xfef00000+0xfffff",
            "0xff000000+0xffffff",
            "0x100000000+0xffffffff",
            "0x200000000+0x1ffffffff",
            "0x400000000+0x3ffffffff",
            "0x800000000+0x7ffffffff",
            "0x1000000000+0xfffffffff",
            "0x2000000000+0x1fffffffff",
            "0x4000000000+0x3fffffffff")) {
      expected.add("unmap " + piece + " was 0x0");
    }
    expected.add("del [0x0,0xfedfffff] vtd-05.0-dmar");
    expected.add("del [0xfee00000,0xfeefffff] vtd-ir");
    expected.add("del [0xfef00000,0xffffffffffffffff] vtd-05.0-dmar");
    expected.add("add [0x0,0x7fffffff] ram0");
    expected.add("add [0xfee00000,0xfeefffff] vtd-ir");
    assertThat(listener.takeLog()).isEqualTo(expected);
  }

  @Test
  void R_VIO_25_while110LogsDirtyPagesItUnmapsPageByPage() {
    TestVm vm = enabled(QemuProfile.V11_0);
    RecordingListener listener = vm.listenTo(V1);
    listener.takeLog();
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    vm.disable();
    assertThat(listener.takeLog())
        .startsWith(
            "unmap 0x200000+0xfff was 0x2000000",
            "unmap 0x201000+0xfff was 0x2001000",
            "del [0x0,0xfedfffff] vtd-05.0-dmar");
  }

  @Test
  void R_VIO_23_whileOlderReleasesLogDirtyPagesAnInvalidationUnmapsWhereNothingIsMapped() {
    TestVm vm = enabled(QemuProfile.V8_2);
    RecordingListener listener = vm.listenTo(V1);
    List<String> late = new ArrayList<>();
    vm.setRoot();
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    regionOf(vm)
        .register(
            new IommuNotifier(
                NotifierFlags.IOTLB_EVENTS,
                0x200000,
                0x20ffff,
                entry -> late.add(entry.access() + " " + entry.iova())));
    listener.takeLog();

    vm.setRoot();
    assertThat(listener.takeLog()).as("no invalidation").isEmpty();
    vm.invalidate();
    assertThat(listener.takeLog())
        .startsWith("unmap 0x80000000+0x3fffffff was 0x0")
        .contains("unmap 0xfef00000+0xfffff was 0x0")
        .endsWith("unmap 0x800000000000+0x7fffffffffff was 0x0")
        .allMatch(line -> line.startsWith("unmap"));
    assertThat(listener.mapped).containsOnlyKeys(0x200000L, 0x201000L);
    assertThat(late)
        .as("who was told nothing before is told what is mapped")
        .containsExactly("READ_WRITE 2097152", "READ_WRITE 2101248");

    vm.memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);
    vm.invalidate();
    assertThat(listener.takeLog()).as("nothing is logged").isEmpty();
  }

  @Test
  void R_VIO_23_while110LogsDirtyPagesAnInvalidationUnmapsNothing() {
    TestVm vm = enabled(QemuProfile.V11_0);
    RecordingListener listener = vm.listenTo(V1);
    vm.memory.startDirtyLog(DirtyLogReason.MIGRATION);
    listener.takeLog();
    vm.invalidate();
    assertThat(listener.takeLog()).isEmpty();
  }

  @Test
  void R_AS_84_aNotifierWhoseRangeCutsPagesIsToldOfWholeOnesOnly() {
    TestVm vm = enabled(QemuProfile.V10_2);
    vm.map(V1, 0x202000, 0x9000, 1);
    List<Long> told = new ArrayList<>();
    MemoryRegion.Iommu region = regionOf(vm);
    IommuNotifier notifier =
        new IommuNotifier(
            NotifierFlags.IOTLB_EVENTS, 0x200800, 0x2027ff, entry -> told.add(entry.iova()));
    region.register(notifier);
    region.model().replay(notifier);
    assertThat(told).containsExactly(0x201000L);
  }

  @Test
  void R_VIO_25_aWiderTableIsWalkedWhole() {
    TestVm vm = TestVm.usual();
    vm.context(V1, ContextMode.TRANSLATE, 39);
    vm.map(V1, 0x8000000000L, 0x3000, 1);
    vm.enable();
    RecordingListener listener = vm.listenTo(V1);
    assertThat(listener.mapped).as("39 bits reach no further").isEmpty();
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.invalidate();
    assertThat(listener.mapped).as("nobody wrote to it since").containsOnlyKeys(0x8000000000L);
  }

  @Test
  void R_VIO_25_notifierThatStaysIsToldEverythingAgain() {
    TestVm vm = enabled(QemuProfile.V8_2);
    List<String> told = new ArrayList<>();
    regionOf(vm)
        .register(
            new IommuNotifier(
                NotifierFlags.IOTLB_EVENTS,
                0x200000,
                0x200fff,
                entry -> told.add(entry.access() + " " + entry.translatedAddress())));
    vm.invalidate();
    vm.disable();
    vm.map(V1, 0x200000, 0, 1);
    vm.invalidate();
    vm.enable();
    assertThat(told).containsExactly("READ_WRITE 33554432", "NONE 0", "READ_WRITE 0");
    vm.disable();
    vm.enable();
    assertThat(told.subList(3, told.size())).containsExactly("NONE 0", "READ_WRITE 0");
  }

  @Test
  void R_VIO_22_absentContextUnmapsWhatWasAnnounced() {
    TestVm vm = enabled(QemuProfile.V10_2);
    RecordingListener listener = vm.listenTo(V1);
    assertThat(listener.mapped).hasSize(2);
    vm.context(V1, ContextMode.ABSENT, 48);
    vm.invalidate();
    assertThat(listener.mapped).isEmpty();
    assertThat(vm.isTranslating(V1)).isTrue();
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.invalidate();
    assertThat(listener.mapped).containsOnlyKeys(0x200000L, 0x201000L);
  }

  @Test
  void R_VIO_17_widthsLimitWhatIsWalked() {
    TestVm vm = TestVm.usual();
    RecordingListener listener = vm.listenTo(V1);
    vm.map(V1, 0x7ffffff000L, 0x1000, 2);
    vm.map(V1, 0xfffffffff000L, 0x3000, 2);
    vm.map(V1, 0x1000, 0xfffffffff000L, 2);
    vm.context(V1, ContextMode.TRANSLATE, 39);
    vm.enable();
    assertThat(listener.mapped).containsOnlyKeys(0x1000L, 0x7ffffff000L);
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.invalidate();
    assertThat(listener.mapped)
        .containsOnlyKeys(0x1000L, 0x7ffffff000L, 0x8000000000L, 0xfffffffff000L);
    vm.context(V1, ContextMode.TRANSLATE, 57);
    vm.invalidate();
    assertThat(listener.mapped).as("57 bits are not supported").isEmpty();
    assertThat(vm.isTranslating(V1)).isTrue();
  }

  @Test
  void R_VIO_17_tableWiderThanAwBitsIsInvalid() {
    TestVm vm = TestVm.with(QemuProfile.V8_2, "caching-mode=on");
    RecordingListener listener = vm.listenTo(V1);
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.map(V1, 0x1000, 0x2000, 1);
    vm.enable();
    assertThat(vm.isTranslating(V1)).isTrue();
    assertThat(listener.mapped).isEmpty();
  }

  @Test
  void R_VIO_24_interruptWindowIsNeverMapped() {
    TestVm vm = TestVm.usual();
    RecordingListener listener = vm.listenTo(V1);
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.map(V1, 0xfedff000L, 0x1000, 0x102);
    vm.enable();
    assertThat(listener.mapped).containsOnlyKeys(0xfedff000L, 0xfef00000L);
  }

  @Test
  void R_AS_81_translate() {
    TestVm vm = TestVm.usual();
    IommuModel model = modelOf(vm);
    vm.map(V1, 0x200000, 0x2000000, 1);
    IotlbEntry same =
        new IotlbEntry(vm.machine.system(), 0x200000, 0x200000, 0xfff, IommuAccess.READ_WRITE);
    assertThat(model.translate(0x200123, IommuAccess.READ)).contains(same);
    vm.context(V1, ContextMode.TRANSLATE, 48);
    vm.enable();
    IotlbEntry moved =
        new IotlbEntry(vm.machine.system(), 0x200000, 0x2000000, 0xfff, IommuAccess.READ_WRITE);
    assertThat(model.translate(0x200123, IommuAccess.READ)).contains(moved);
    assertThat(model.translate(0x201000, IommuAccess.READ)).isEqualTo(Optional.empty());
  }
}
