package io.github.stopcopy.viommu.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.reset;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.IommuAccess;
import io.github.stopcopy.core.memory.IommuNotifier;
import io.github.stopcopy.core.memory.IotlbEntry;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.InOrder;

class VirtioIommuTest {

  private static final PciAddress V1 = new PciAddress("pcie.0", 5, 0);
  private static final PciAddress V2 = new PciAddress("pcie.0", 0x1f, 3);

  /** Does at an IOMMU section what VFIO's listener of 8.1 does: it offers the container's pages. */
  private static final class Container implements MemoryListener {
    final long pageSizes;
    final List<QemuError> refusals = new ArrayList<>();
    int iommuSections;

    Container(long pageSizes) {
      this.pageSizes = pageSizes;
    }

    @Override
    public void regionAdd(MemorySection section) {
      if (section.region() instanceof MemoryRegion.Iommu iommu) {
        iommuSections++;
        iommu.model().offerPageSizes(pageSizes).ifPresent(refusals::add);
      }
    }
  }

  private static MachineFacts machine(QemuProfile profile, String type) {
    GuestMemory memory = new GuestMemory(false, false);
    MemoryRegion system = memory.container("system", ByteSize.WHOLE_SPACE);
    system.add(0, memory.ram("ram0", ByteSize.of(0x80000000L)));
    system.add(0x80000000L, memory.ram("ram1", ByteSize.of(0x1000)));
    return new MachineFacts(
        profile,
        type,
        Accelerator.KVM,
        KernelIrqchip.SPLIT,
        1,
        memory,
        memory.addressSpace("memory", system),
        event -> {});
  }

  private static Result<VirtualIommu> realize(MachineFacts machine, String... settings) {
    VirtioIommuProvider provider = new VirtioIommuProvider();
    List<PropertySetting> given = Stream.of(settings).map(PropertySetting::parse).toList();
    Result<PropertyValues> values = provider.properties(machine.profile()).read(given);
    return provider.realize(((Result.Ok<PropertyValues>) values).value(), machine);
  }

  private static VirtualIommu realized(MachineFacts machine, String... settings) {
    return ((Result.Ok<VirtualIommu>) realize(machine, settings)).value();
  }

  private static VirtualIommu realized(QemuProfile profile, String... settings) {
    return realized(machine(profile, "q35"), settings);
  }

  private static List<String> rows(AddressSpace space) {
    List<String> rows = new ArrayList<>();
    for (FlatRange range : space.view().ranges()) {
      rows.add(range.range() + " " + range.region().name());
    }
    return rows;
  }

  private static MemoryRegion.Iommu region(AddressSpace space) {
    return (MemoryRegion.Iommu)
        space.root().subregions().stream()
            .filter(MemoryRegion.Iommu.class::isInstance)
            .findFirst()
            .orElseThrow();
  }

  private static MemorySection of(String region) {
    return argThat(section -> section != null && section.region().name().equals(region));
  }

  @ParameterizedTest
  @EnumSource
  void R_VIO_41_bypassShowsSystemMemory(QemuProfile profile) {
    MachineFacts machine = machine(profile, "q35");
    VirtualIommu iommu = realized(machine);
    AddressSpace space = iommu.addressSpace(V1);
    assertThat(space.name()).isEqualTo("virtio-iommu-device");
    assertThat(space.root().name()).isEqualTo("virtio-iommu-memory-region-0-40");
    assertThat(space.root().subregions())
        .extracting(child -> child.name() + " " + child.priority())
        .containsExactlyInAnyOrder("virtio-iommu-memory-region-0-40 0", "system 0");
    assertThat(space).isNotSameAs(machine.system());
    assertThat(space.view()).isSameAs(machine.system().view());
    assertThat(iommu.addressSpace(V1)).isSameAs(space);
    assertThat(iommu.addressSpace(V2).root().name()).isEqualTo("virtio-iommu-memory-region-1-251");
  }

  @ParameterizedTest
  @EnumSource
  void R_OBS_16_withoutBypassOneIommuSectionCoversAll(QemuProfile profile) {
    VirtualIommu iommu = realized(profile, "boot-bypass=off");
    AddressSpace space = iommu.addressSpace(V1);
    assertThat(rows(space))
        .containsExactly("[0x0,0xffffffffffffffff] virtio-iommu-memory-region-0-40");
    assertThat(space.view().root()).contains(region(space));
  }

  @ParameterizedTest
  @CsvSource({
    "V8_2, on, 1",
    "V8_1_IOMMU_PT, on, 1",
    "V10_2, on, 0",
    "V11_0, on, 0",
    "V8_2, off, 1",
    "V10_2, off, 1",
  })
  void R_OBS_16_sectionsUpToTheEndOfBoot(QemuProfile profile, String bypass, int sections) {
    MachineFacts machine = machine(profile, "q35");
    VirtualIommu iommu = realized(machine, "boot-bypass=" + bypass);
    List<Container> containers = List.of(new Container(0x1000), new Container(0x1000));
    machine.memory().register(containers.get(0), iommu.addressSpace(V1));
    machine.memory().register(containers.get(1), iommu.addressSpace(V2));
    assertThat(iommu.machineDone(List.of(V1, V2))).isEmpty();
    assertThat(containers)
        .extracting(container -> container.iommuSections)
        .containsExactly(sections, sections);
    assertThat(iommu.addressSpace(V1).view() == machine.system().view())
        .isEqualTo(bypass.equals("on"));
  }

  @Test
  void R_VIO_43_theTransientGoesThroughEmptyViews() {
    MachineFacts machine = machine(QemuProfile.V8_2, "q35");
    VirtualIommu iommu = realized(machine);
    MemoryListener listener = mock(MemoryListener.class);
    machine.memory().register(listener, iommu.addressSpace(V1));
    reset(listener);
    iommu.machineDone(List.of());

    String region = "virtio-iommu-memory-region-0-40";
    InOrder order = inOrder(listener);
    order.verify(listener).regionDel(of("ram0"));
    order.verify(listener).regionDel(of("ram1"));
    order.verify(listener).commit();
    order.verify(listener).regionAdd(of(region));
    order.verify(listener).commit();
    order.verify(listener).regionDel(of(region));
    order.verify(listener).commit();
    order.verify(listener).regionAdd(of("ram0"));
    order.verify(listener).regionAdd(of("ram1"));
    order.verify(listener).commit();
    order.verifyNoMoreInteractions();
  }

  @Test
  void R_VIO_43_containersNarrowThePageSizesOf81UntilTheFreeze() {
    MachineFacts machine = machine(QemuProfile.V8_1_IOMMU_PT, "q35");
    VirtualIommu iommu = realized(machine);
    Container narrow = new Container(0x40202000L);
    Container none = new Container(0x1000);
    machine.memory().register(narrow, iommu.addressSpace(V1));
    machine.memory().register(none, iommu.addressSpace(V2));
    iommu.machineDone(List.of());
    assertThat(narrow.refusals).isEmpty();
    assertThat(none.refusals)
        .containsExactly(
            QemuError.of(
                Errno.EPERM,
                "virtio-iommu virtio-iommu-memory-region-1-251 reports a page size mask 0x1000"
                    + " incompatible with currently supported mask 0x40202000"));
    MemoryRegion.Iommu region = region(iommu.addressSpace(V1));
    assertThat(region.model().minimumPageSize()).isEqualTo(0x2000);
    assertThat(region.model().offerPageSizes(0x40201000L))
        .contains(
            QemuError.of(
                Errno.EPERM,
                "virtio-iommu virtio-iommu-memory-region-0-40 does not support frozen granule"
                    + " 0x2000"));
    assertThat(region.model().offerPageSizes(0x2000)).isEmpty();
    assertThat(region.model().offerPageSizes(0x40002000L)).as("frozen sizes stay").isEmpty();
  }

  @Test
  void R_VIO_43_pageSizesOf102AreCheckedAtAttach() {
    VirtualIommu iommu = realized(QemuProfile.V10_2, "granule=16k");
    assertThat(iommu.attach(V1, new HostIommu(0x3000, List.of())))
        .map(QemuError::text)
        .contains(
            "virtio-iommu reports a page size mask 0x3000 incompatible"
                + " with currently supported mask 0xffffffffffffc000");
    assertThat(iommu.attach(V1, new HostIommu(0xfffffffffffff000L, List.of()))).isEmpty();
    iommu.machineDone(List.of());
    assertThat(iommu.attach(V2, new HostIommu(0x8000, List.of())))
        .map(QemuError::text)
        .contains("virtio-iommu does not support frozen granule 0x4000");
    VirtualIommu older = realized(QemuProfile.V8_2);
    assertThat(older.attach(V1, new HostIommu(0x1, List.of()))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "V8_2, q35, '', 64, 0x1000",
    "V10_2, q35, '', 39, 0x1000",
    "V10_2, pc-q35-9.0, '', 39, 0x1000",
    "V10_2, pc, '', 64, 0x1000",
    "V10_2, q35, aw-bits=64, 64, 0x1000",
    "V10_2, q35, aw-bits=32, 32, 0x1000",
    "V11_0, q35, granule=8k, 39, 0x2000",
    "V10_2, q35, granule=64k, 39, 0x10000",
    "V10_2, pc-q35-9.0, granule=16k, 39, 0x4000",
    "V10_2, q35, granule=4k, 39, 0x1000",
  })
  void R_VIO_40_widthAndGranule(
      QemuProfile profile, String type, String settings, int bits, String granule) {
    String[] given = settings.isEmpty() ? new String[0] : settings.split(" ");
    VirtualIommu iommu = realized(machine(profile, type), given);
    assertThat(iommu.limits()).isEqualTo(IovaLimits.ofBits(true, bits));
    assertThat(region(iommu.addressSpace(V1)).model().minimumPageSize())
        .isEqualTo(Long.decode(granule));
  }

  @ParameterizedTest
  @CsvSource({"31", "65", "0", "255"})
  void R_VIO_40_widthOutOfBounds(String bits) {
    assertThat(realize(machine(QemuProfile.V10_2, "q35"), "aw-bits=" + bits))
        .isEqualTo(Result.failed(QemuError.of("aw-bits must be within [32,64]")));
  }

  @Test
  void R_VIO_42_notifiers() {
    MemoryRegion.Iommu region =
        region(realized(QemuProfile.V8_2, "boot-bypass=off").addressSpace(V1));
    IommuNotifier vfio =
        new IommuNotifier(
            NotifierFlags.IOTLB_EVENTS,
            0,
            -1L,
            entry -> {
              throw new AssertionError("no domain, no mapping: " + entry);
            });
    assertThat(region.register(vfio)).isEmpty();
    region.model().replay(vfio);
    IommuNotifier vhost =
        new IommuNotifier(new NotifierFlags(false, false, true), 0, -1L, entry -> {});
    assertThat(region.register(vhost))
        .contains(QemuError.of(Errno.EINVAL, "Virtio-iommu does not support dev-iotlb yet"));
    assertThat(region.notifiers()).containsExactly(vfio);
  }

  @Test
  void R_VIO_41_onlyBypassedRequestsPass() {
    MachineFacts machine = machine(QemuProfile.V8_2, "q35");
    assertThat(
            region(realized(machine).addressSpace(V1)).model().translate(0x12345, IommuAccess.READ))
        .contains(
            new IotlbEntry(machine.system(), 0x12000, 0x12000, 0xfff, IommuAccess.READ_WRITE));
    assertThat(
            region(realized(QemuProfile.V8_2, "boot-bypass=off").addressSpace(V1))
                .model()
                .translate(0x12345, IommuAccess.READ))
        .isEqualTo(Optional.empty());
  }

  /** Keeps what one IOMMU region announces. */
  private static List<String> heard(MemoryRegion.Iommu region) {
    List<String> heard = new ArrayList<>();
    IommuNotifier notifier =
        new IommuNotifier(
            NotifierFlags.IOTLB_EVENTS,
            0,
            -1L,
            entry ->
                heard.add(
                    (entry.access() == IommuAccess.NONE ? "unmap " : "map ")
                        + new AddressRange(entry.iova(), entry.lastIova())
                        + " "
                        + Long.toHexString(entry.translatedAddress())));
    assertThat(region.register(notifier)).isEmpty();
    return heard;
  }

  private static void play(VirtualIommu iommu, GuestAction action) {
    assertThat(iommu.guest(action)).isInstanceOf(ActionResult.Done.class);
  }

  private static String refused(VirtualIommu iommu, GuestAction action) {
    return ((ActionResult.Unsupported) iommu.guest(action)).reason();
  }

  @ParameterizedTest
  @EnumSource
  void R_VIO_41_aDeviceOfADomainIsNotBypassed(QemuProfile profile) {
    MachineFacts machine = machine(profile, "q35");
    VirtualIommu iommu = realized(machine);
    AddressSpace space = iommu.addressSpace(V1);
    iommu.machineDone(List.of(V1, V2));
    play(iommu, new GuestAction.Attach(V1, 3));
    assertThat(rows(space))
        .containsExactly("[0x0,0xffffffffffffffff] virtio-iommu-memory-region-0-40");
    assertThat(iommu.addressSpace(V2).view()).isSameAs(machine.system().view());
    assertThat(region(space).model().translate(0x5000, IommuAccess.READ)).isEmpty();
    play(iommu, new GuestAction.Detach(V1, 3));
    assertThat(space.view()).isSameAs(machine.system().view());
  }

  @Test
  void R_VIO_41_withoutBootBypassADetachedDeviceReachesNothing() {
    VirtualIommu iommu = realized(QemuProfile.V10_2, "boot-bypass=off");
    MemoryRegion.Iommu region = region(iommu.addressSpace(V1));
    List<String> heard = heard(region);
    play(iommu, new GuestAction.Attach(V1, 1));
    play(iommu, new GuestAction.Map(V1, 0x100000, 0x3000000, 1));
    play(iommu, new GuestAction.Detach(V1, 1));
    assertThat(heard)
        .containsExactly("map [0x100000,0x100fff] 3000000", "unmap [0x100000,0x100fff] 0");
    assertThat(rows(iommu.addressSpace(V1))).hasSize(1);
    assertThat(region.model().translate(0x100000, IommuAccess.READ)).isEmpty();
  }

  /** As seen on QEMU 10.0.13 and 11.1.3. */
  @Test
  void R_VIO_42_mappingsAreAnnouncedInAlignedPieces() {
    VirtualIommu iommu = realized(QemuProfile.V10_2);
    List<String> heard = heard(region(iommu.addressSpace(V1)));
    play(iommu, new GuestAction.Attach(V1, 1));
    play(iommu, new GuestAction.Map(V1, 0x401000, 0x3001000, 4));
    assertThat(heard)
        .containsExactly(
            "map [0x401000,0x401fff] 3001000",
            "map [0x402000,0x403fff] 3002000",
            "map [0x404000,0x404fff] 3004000");
    heard.clear();
    play(iommu, new GuestAction.Map(V1, 0x100000, 0x2000000, 1));
    heard.clear();
    play(iommu, new GuestAction.Unmap(V1, 0x100000, 0x1000));
    assertThat(heard)
        .containsExactly(
            "unmap [0x100000,0x100fff] 0",
            "unmap [0x401000,0x401fff] 0",
            "unmap [0x402000,0x403fff] 0",
            "unmap [0x404000,0x404fff] 0");
    play(iommu, new GuestAction.Unmap(V1, 0x100000, 0x1000));
    assertThat(heard).as("nothing is mapped there").hasSize(4);
  }

  /** As seen on QEMU 11.1.3. */
  @Test
  void R_VIO_42_whatTheDeviceRefuses() {
    VirtualIommu iommu = realized(QemuProfile.V11_0);
    List<String> heard = heard(region(iommu.addressSpace(V1)));
    assertThat(refused(iommu, new GuestAction.Map(V1, 0x1000, 0, 1))).contains("in no domain");
    assertThat(refused(iommu, new GuestAction.Unmap(V1, 0x1000, 1))).contains("in no domain");
    assertThat(refused(iommu, new GuestAction.Detach(V1, 1))).contains("not in domain 1");
    play(iommu, new GuestAction.Attach(V1, 1));
    assertThat(refused(iommu, new GuestAction.Detach(V1, 2))).contains("not in domain 2");
    play(iommu, new GuestAction.Map(V1, 0x200000, 0, 4));
    heard.clear();
    assertThat(refused(iommu, new GuestAction.Map(V1, 0x1ff000, 0, 2)))
        .isEqualTo(
            "[0x1ff000,0x200fff] overlaps a mapping of the domain, which the vIOMMU refuses");
    assertThat(refused(iommu, new GuestAction.Map(V1, 0x203000, 0, 1))).contains("overlaps");
    assertThat(refused(iommu, new GuestAction.Unmap(V1, 0x202000, 8)))
        .isEqualTo(
            "[0x202000,0x209fff] splits the mapping [0x200000,0x203fff], which the vIOMMU"
                + " refuses");
    assertThat(refused(iommu, new GuestAction.Unmap(V1, 0x200000, 3))).contains("splits");
    assertThat(heard).isEmpty();
    play(iommu, new GuestAction.Map(V1, 0x204000, 0, 1));
    play(iommu, new GuestAction.Map(V1, 0x1ff000, 0, 1));
  }

  @Test
  void R_VIO_40_mappingsAreWholeGranules() {
    VirtualIommu iommu = realized(QemuProfile.V10_2, "granule=16k");
    play(iommu, new GuestAction.Attach(V1, 1));
    for (GuestAction action :
        List.of(
            new GuestAction.Map(V1, 0x1000, 0, 4),
            new GuestAction.Map(V1, 0, 0x1000, 4),
            new GuestAction.Map(V1, 0, 0, 3),
            new GuestAction.Unmap(V1, 0, 1))) {
      assertThat(refused(iommu, action)).endsWith("expected whole granules of 16384 bytes");
    }
    play(iommu, new GuestAction.Map(V1, 0x8000, 0x4000, 4));
    assertThat(region(iommu.addressSpace(V1)).model().translate(0xbabc, IommuAccess.WRITE))
        .map(entry -> Long.toHexString(entry.iova()) + " " + entry.translatedAddress())
        .contains("8000 " + 0x4000);
  }

  /** The device that was attached last hears first, as seen on QEMU 11.1.3. */
  @Test
  void R_VIO_42_devicesOfADomainAllHear() {
    VirtualIommu iommu = realized(QemuProfile.V10_2);
    List<String> first = heard(region(iommu.addressSpace(V1)));
    List<String> second = heard(region(iommu.addressSpace(V2)));
    play(iommu, new GuestAction.Attach(V1, 1));
    play(iommu, new GuestAction.Map(V1, 0x1000, 0x2000, 1));
    play(iommu, new GuestAction.Attach(V2, 1));
    assertThat(second).as("attach tells of what is mapped").isEqualTo(first);
    play(iommu, new GuestAction.Map(V2, 0x8000, 0x3000, 1));
    play(iommu, new GuestAction.Detach(V1, 1));
    assertThat(first)
        .containsExactly(
            "map [0x1000,0x1fff] 2000",
            "map [0x8000,0x8fff] 3000",
            "unmap [0x1000,0x1fff] 0",
            "unmap [0x8000,0x8fff] 0");
    assertThat(second).hasSize(2);
    play(iommu, new GuestAction.Unmap(V2, 0x8000, 1));
    assertThat(first).hasSize(4);
    assertThat(second).last().isEqualTo("unmap [0x8000,0x8fff] 0");
  }

  /** As seen on QEMU 10.0.13 and 11.1.3. */
  @Test
  void R_VIO_42_aDomainEndsWithItsLastDevice() {
    VirtualIommu iommu = realized(QemuProfile.V10_2);
    List<String> heard = heard(region(iommu.addressSpace(V1)));
    play(iommu, new GuestAction.Attach(V1, 1));
    play(iommu, new GuestAction.Map(V1, 0x1000, 0x2000, 1));
    play(iommu, new GuestAction.Attach(V1, 1));
    assertThat(heard).containsExactly("map [0x1000,0x1fff] 2000", "unmap [0x1000,0x1fff] 0");
    play(iommu, new GuestAction.Attach(V2, 1));
    play(iommu, new GuestAction.Map(V1, 0x1000, 0x2000, 1));
    heard.clear();
    play(iommu, new GuestAction.Attach(V1, 1));
    assertThat(heard)
        .as("another device keeps the domain")
        .containsExactly("unmap [0x1000,0x1fff] 0", "map [0x1000,0x1fff] 2000");
  }

  @ParameterizedTest
  @EnumSource
  void R_OBS_112_aReplayTellsThoseWhoAreRegistered(QemuProfile profile) {
    VirtualIommu iommu = realized(profile);
    MemoryRegion.Iommu region = region(iommu.addressSpace(V1));
    List<String> heard = heard(region);
    play(iommu, new GuestAction.Attach(V1, 1));
    play(iommu, new GuestAction.Map(V1, 0x1000, 0x2000, 1));
    heard.clear();
    region
        .model()
        .replay(
            new IommuNotifier(
                NotifierFlags.IOTLB_EVENTS,
                0,
                -1L,
                entry -> {
                  throw new AssertionError("told the one who asks: " + entry);
                }));
    assertThat(heard).containsExactly("map [0x1000,0x1fff] 2000");
  }

  @Test
  void tablesOfOtherViommusAreNotModelled() {
    VirtualIommu iommu = realized(QemuProfile.V8_1);
    assertThat(refused(iommu, new GuestAction.Enable())).contains("attaches devices to domains");
    assertThat(refused(iommu, new GuestAction.Invalidate())).contains("no tables");
    assertThat(iommu.nonMigratable()).isEmpty();
  }
}
