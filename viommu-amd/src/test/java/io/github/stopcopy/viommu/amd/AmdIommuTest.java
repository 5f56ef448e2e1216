package io.github.stopcopy.viommu.amd;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.github.stopcopy.core.memory.IotlbListener;
import io.github.stopcopy.core.memory.IotlbRun;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.NotifierFlags;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AmdIommuTest {

  private static final PciAddress V1 = new PciAddress("pcie.0", 5, 0);
  private static final PciAddress V2 = new PciAddress("pcie.0", 0x1f, 3);

  private static MachineFacts machine(QemuProfile profile, KernelIrqchip irqchip, int vcpus) {
    GuestMemory memory = new GuestMemory(false, false);
    MemoryRegion system = memory.container("system", ByteSize.WHOLE_SPACE);
    system.add(0, memory.ram("ram0", ByteSize.of(0x80000000L)));
    return new MachineFacts(
        profile,
        "q35",
        Accelerator.KVM,
        irqchip,
        vcpus,
        memory,
        memory.addressSpace("memory", system),
        event -> {});
  }

  private static Result<VirtualIommu> realize(MachineFacts machine, String... settings) {
    AmdIommuProvider provider = new AmdIommuProvider();
    List<PropertySetting> given = Stream.of(settings).map(PropertySetting::parse).toList();
    Result<PropertyValues> values = provider.properties(machine.profile()).read(given);
    return provider.realize(((Result.Ok<PropertyValues>) values).value(), machine);
  }

  private static VirtualIommu realized(QemuProfile profile, String... settings) {
    Result<VirtualIommu> result = realize(machine(profile, KernelIrqchip.SPLIT, 1), settings);
    return ((Result.Ok<VirtualIommu>) result).value();
  }

  private static List<String> rows(AddressSpace space) {
    List<String> rows = new ArrayList<>();
    for (FlatRange range : space.view().ranges()) {
      rows.add(
          range.range()
              + " "
              + range.region().name()
              + "@"
              + Long.toHexString(range.offsetInRegion())
              + " prio "
              + range.region().priority());
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

  private static IommuNotifier notifier(boolean map) {
    return new IommuNotifier(
        new NotifierFlags(map, true, false),
        0,
        0xfedfffffL,
        entry -> {
          throw new AssertionError("announced " + entry);
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"V8_2", "V8_1_IOMMU_PT"})
  void R_VIO_32_theIommuRegionIsAlwaysThereIn81(QemuProfile profile) {
    AddressSpace space = realized(profile).addressSpace(V1);
    assertThat(space.name()).isEqualTo("amd_iommu_devfn_40");
    assertThat(space.root().name()).isEqualTo("amdvi_root");
    assertThat(space.view().root()).contains(space.root());
    assertThat(rows(space))
        .containsExactly(
            "[0x0,0xfedfffff] amd_iommu@0 prio 1",
            "[0xfee00000,0xfeefffff] amd_iommu_ir@0 prio 64",
            "[0xfef00000,0xffffffffffffffff] amd_iommu@fef00000 prio 1");
  }

  @ParameterizedTest
  @CsvSource({"V10_2, off", "V10_2, on", "V11_0, on"})
  void R_VIO_34_systemMemoryAtFirstIn102(QemuProfile profile, String remap) {
    VirtualIommu iommu = realized(profile, "dma-remap=" + remap);
    AddressSpace space = iommu.addressSpace(V1);
    assertThat(space.name()).isEqualTo("amd_iommu_devfn_40");
    assertThat(space.root().name()).isEqualTo("amdvi_root");
    assertThat(space.root().subregions())
        .extracting(child -> child.name() + " " + child.priority() + " " + child.isEnabled())
        .containsExactlyInAnyOrder("amd_iommu 0 false", "amdvi-sys 0 true");
    assertThat(space.view().root()).map(MemoryRegion::name).contains("amdvi-sys");
    assertThat(rows(space))
        .containsExactly(
            "[0x0,0x7fffffff] ram0@0 prio 0", "[0xfee00000,0xfeefffff] amdvi-ir@0 prio 1");
    AddressSpace other = iommu.addressSpace(V2);
    assertThat(other.name()).isEqualTo("amd_iommu_devfn_251");
    assertThat(other.view()).isSameAs(space.view());
    assertThat(iommu.addressSpace(V1)).isSameAs(space);
  }

  @Test
  void R_VIO_33_mapNotifierIsRefusedIn81() {
    MemoryRegion.Iommu region = region(realized(QemuProfile.V8_1_IOMMU_PT).addressSpace(V1));
    assertThat(region.register(notifier(true)))
        .contains(
            QemuError.of(
                Errno.EINVAL,
                "device 00.05.0 requires iommu notifier which is not currently supported"));
    assertThat(region.notifiers()).isEmpty();
    IommuNotifier unmapsOnly = notifier(false);
    assertThat(region.register(unmapsOnly)).isEmpty();
    region.model().replay(unmapsOnly);
  }

  @ParameterizedTest
  @EnumSource(names = {"V10_2", "V11_0"})
  void R_VIO_35_mapNotifierNeedsDmaRemapIn102(QemuProfile profile) {
    MemoryRegion.Iommu without = region(realized(profile).addressSpace(V2));
    assertThat(without.register(notifier(true)))
        .contains(
            QemuError.of(
                Errno.EOPNOTSUPP, "device 00.1f.3 requires dma-remap=1: Operation not supported"));
    MemoryRegion.Iommu with = region(realized(profile, "dma-remap=on").addressSpace(V2));
    assertThat(with.register(notifier(true))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "V8_2, 256, '', none",
    "V10_2, 255, '', none",
    "V10_2, 256, xtsup=on, none",
    "V10_2, 256, '', AMD IOMMU with x2APIC configuration requires xtsup=on",
    "V11_0, 512, '', AMD IOMMU with x2APIC configuration requires xtsup=on",
  })
  void R_VIO_35_xtsup(QemuProfile profile, int vcpus, String settings, String text) {
    Result<VirtualIommu> result =
        realize(
            machine(profile, KernelIrqchip.SPLIT, vcpus),
            settings.isEmpty() ? new String[0] : new String[] {settings});
    String refusal =
        result instanceof Result.Failed<VirtualIommu> failed ? failed.error().text() : "none";
    assertThat(refusal).isEqualTo(text);
  }

  @ParameterizedTest
  @EnumSource
  void R_VIO_2_baseChecksComeFirst(QemuProfile profile) {
    assertThat(realize(machine(profile, KernelIrqchip.ON, 1000), "intremap=on"))
        .isEqualTo(
            Result.failed(
                QemuError.of(
                    "Interrupt Remapping cannot work with kernel-irqchip=on,"
                        + " please use 'split|off'.")));
  }

  @Test
  void R_VIO_36_disabledIommuTranslatesToTheSameAddress() {
    MachineFacts machine = machine(QemuProfile.V8_2, KernelIrqchip.SPLIT, 1);
    VirtualIommu iommu = ((Result.Ok<VirtualIommu>) realize(machine)).value();
    assertThat(region(iommu.addressSpace(V1)).model().translate(-1L, IommuAccess.WRITE))
        .contains(
            new IotlbEntry(
                machine.system(),
                0xfffffffffffff000L,
                0xfffffffffffff000L,
                0xfff,
                IommuAccess.READ_WRITE));
  }

  @ParameterizedTest
  @CsvSource({
    "V8_2, '', true",
    "V10_2, dma-remap=off, false",
    "V10_2, dma-remap=on, true",
    "V11_0, dma-remap=on dma-translation=off, false",
  })
  void R_VIO_31_limits(QemuProfile profile, String settings, boolean canTranslate) {
    String[] given = settings.isEmpty() ? new String[0] : settings.split(" ");
    assertThat(realized(profile, given).limits())
        .isEqualTo(new IovaLimits(canTranslate, 48, 0xffffffffffffL));
  }

  @ParameterizedTest
  @EnumSource
  void R_OBS_1_itsStateCannotMigrate(QemuProfile profile) {
    VirtualIommu iommu = realized(profile);
    assertThat(iommu.nonMigratable()).contains("amd-iommu");
    assertThat(iommu.machineDone(List.of(V1))).isEmpty();
    assertThat(iommu.attach(V1, new HostIommu(0x1000, List.of()))).isEmpty();
  }

  private static void play(VirtualIommu iommu, GuestAction... actions) {
    for (GuestAction action : actions) {
      assertThat(iommu.guest(action)).as("%s", action).isInstanceOf(ActionResult.Done.class);
    }
  }

  private static String refused(VirtualIommu iommu, GuestAction action) {
    return ((ActionResult.Unsupported) iommu.guest(action)).reason();
  }

  private static GuestAction context(ContextMode mode) {
    return new GuestAction.WriteContext(V1, mode, 48);
  }

  /** Keeps what is announced up to an offset. */
  private static List<String> heard(MemoryRegion.Iommu region, long first, long last) {
    List<String> heard = new ArrayList<>();
    IommuNotifier notifier =
        new IommuNotifier(
            NotifierFlags.IOTLB_EVENTS,
            first,
            last,
            entry ->
                heard.add(
                    (entry.access() == IommuAccess.NONE ? "unmap " : "map ")
                        + Long.toHexString(entry.iova())
                        + "+"
                        + Long.toHexString(entry.addressMask())
                        + " "
                        + Long.toHexString(entry.translatedAddress())));
    assertThat(region.register(notifier)).isEmpty();
    return heard;
  }

  /** However many pages there are, one step announces them and one has them go. */
  @Test
  void R_VIO_35_pagesThatFollowEachOtherAreARun() {
    VirtualIommu iommu = realized(QemuProfile.V11_1, "dma-remap=on");
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
    region(iommu.addressSpace(V1))
        .register(IommuNotifier.ofRuns(NotifierFlags.IOTLB_EVENTS, 0, 0xfedfffffL, listener));
    play(
        iommu,
        context(ContextMode.TRANSLATE),
        new GuestAction.Enable(),
        new GuestAction.Map(V1, 0x40000000, 0x2000000, 100_000),
        new GuestAction.Invalidate(),
        new GuestAction.Unmap(V1, 0x40000000, 60_000),
        new GuestAction.Invalidate());

    assertThat(heard).containsExactly("100000 MAP", "60000 UNMAP");
  }

  /** As seen on QEMU 11.1.3: turning it on is not enough, the entry has to be invalidated. */
  @ParameterizedTest
  @EnumSource(names = {"V10_2", "V11_0", "V11_1"})
  void R_VIO_34_anEntryThatTranslatesShowsTheIommuRegion(QemuProfile profile) {
    VirtualIommu iommu = realized(profile, "dma-remap=on");
    AddressSpace space = iommu.addressSpace(V1);
    List<String> system = rows(space);
    play(
        iommu,
        context(ContextMode.TRANSLATE),
        new GuestAction.Invalidate(),
        new GuestAction.SetRoot(),
        new GuestAction.Enable());
    assertThat(rows(space)).isEqualTo(system);
    play(iommu, new GuestAction.Invalidate());
    assertThat(rows(space))
        .containsExactly(
            "[0x0,0xfedfffff] amd_iommu@0 prio 0",
            "[0xfee00000,0xfeefffff] amdvi-ir@0 prio 1",
            "[0xfef00000,0xffffffffffffffff] amd_iommu@fef00000 prio 0");
    assertThat(rows(iommu.addressSpace(V2))).isEqualTo(system);
    play(iommu, context(ContextMode.PASSTHROUGH), new GuestAction.Invalidate());
    assertThat(rows(space)).isEqualTo(system);
    play(iommu, context(ContextMode.TRANSLATE), new GuestAction.Invalidate());
    assertThat(rows(space)).hasSize(3);
    play(iommu, context(ContextMode.ABSENT), new GuestAction.Invalidate());
    assertThat(rows(space)).as("an entry that is not valid lets requests pass").isEqualTo(system);
  }

  /** As seen on QEMU 11.1.3. */
  @Test
  void R_VIO_34_pagesAreAnnouncedOneByOneAndAllGoWithTheRegion() {
    VirtualIommu iommu = realized(QemuProfile.V11_1, "dma-remap=on");
    MemoryRegion.Iommu region = region(iommu.addressSpace(V1));
    List<String> low = heard(region, 0, 0xfedfffffL);
    List<String> high = heard(region, 0xfef00000L, -1L);
    play(
        iommu,
        context(ContextMode.TRANSLATE),
        new GuestAction.Enable(),
        new GuestAction.Map(V1, 0x200000, 0x3000000, 2));
    assertThat(low).isEmpty();
    play(iommu, new GuestAction.Invalidate());
    assertThat(low).containsExactly("map 200000+fff 3000000", "map 201000+fff 3001000");
    low.clear();
    play(iommu, new GuestAction.Unmap(V1, 0x200000, 1), new GuestAction.Invalidate());
    assertThat(low).containsExactly("unmap 200000+fff 0");
    assertThat(region.model().translate(0x201abc, IommuAccess.WRITE))
        .map(IotlbEntry::translatedAddress)
        .contains(0x3001000L);
    assertThat(region.model().translate(0x200000, IommuAccess.WRITE)).isEmpty();
    low.clear();
    play(iommu, context(ContextMode.ABSENT), new GuestAction.Invalidate());
    assertThat(low).startsWith("unmap 0+7fffffff 0", "unmap 80000000+3fffffff 0").hasSize(10);
    assertThat(high)
        .startsWith("unmap fef00000+fffff 0", "unmap ff000000+ffffff 0")
        .endsWith("unmap 8000000000000000+7fffffffffffffff 0");
    low.clear();
    play(iommu, context(ContextMode.TRANSLATE), new GuestAction.Invalidate());
    assertThat(low).containsExactly("map 201000+fff 3001000");
  }

  /** As seen on QEMU 11.1.3, as for a virtio-iommu (R-OBS-112). */
  @Test
  void R_VIO_34_aReplayTellsThoseWhoAreRegistered() {
    VirtualIommu iommu = realized(QemuProfile.V11_1, "dma-remap=on");
    MemoryRegion.Iommu region = region(iommu.addressSpace(V1));
    play(
        iommu,
        context(ContextMode.TRANSLATE),
        new GuestAction.Enable(),
        new GuestAction.Map(V1, 0x200000, 0x3000000, 1),
        new GuestAction.Map(V1, 0x80000000L, 0x3000000, 1),
        new GuestAction.Invalidate());
    List<String> heard = heard(region, 0, 0xfedfffffL);
    region.model().replay(notifierUpTo(0xffffff));
    assertThat(heard).containsExactly("map 200000+fff 3000000");
  }

  /** One that must not be told of anything. */
  private static IommuNotifier notifierUpTo(long last) {
    return new IommuNotifier(
        NotifierFlags.IOTLB_EVENTS,
        0,
        last,
        entry -> {
          throw new AssertionError("announced " + entry);
        });
  }

  @Test
  void R_VIO_34_theWidthOfTheTableLimitsIt() {
    VirtualIommu iommu = realized(QemuProfile.V11_1, "dma-remap=on");
    List<String> heard = heard(region(iommu.addressSpace(V1)), 0, -1L);
    play(
        iommu,
        new GuestAction.WriteContext(V1, ContextMode.TRANSLATE, 39),
        new GuestAction.Enable(),
        new GuestAction.Map(V1, 1L << 39, 0x3000000, 1),
        new GuestAction.Invalidate());
    assertThat(heard).isEmpty();
    play(iommu, context(ContextMode.TRANSLATE), new GuestAction.Invalidate());
    assertThat(heard).containsExactly("map 8000000000+fff 3000000");
  }

  /** QEMU reports a conflicting translation and keeps the old one, as seen on 11.1.3. */
  @Test
  void aPageThatIsToldOfIsNotLedElsewhere() {
    VirtualIommu iommu = realized(QemuProfile.V11_1, "dma-remap=on");
    List<String> heard = heard(region(iommu.addressSpace(V1)), 0, -1L);
    GuestAction map = new GuestAction.Map(V1, 0x200000, 0x3000000, 2);
    play(
        iommu,
        context(ContextMode.TRANSLATE),
        new GuestAction.Enable(),
        map,
        new GuestAction.Invalidate(),
        map,
        new GuestAction.Invalidate());
    assertThat(refused(iommu, new GuestAction.Map(V1, 0x201000, 0x3000000, 1)))
        .startsWith("iova 0x201000 is mapped and would lead elsewhere");
    assertThat(heard).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "V8_1, '', before QEMU 10.2",
    "V10_0, '', before QEMU 10.2",
    "V10_2, '', no dma-remap=on",
    "V11_1, dma-remap=on dma-translation=off, has dma-translation=off",
  })
  void whatIsNotPlayedSaysWhy(QemuProfile profile, String settings, String reason) {
    VirtualIommu iommu =
        realized(profile, settings.isEmpty() ? new String[0] : settings.split(" "));
    for (GuestAction action :
        List.of(
            context(ContextMode.TRANSLATE),
            new GuestAction.Enable(),
            new GuestAction.Map(V1, 1, 2, -3),
            new GuestAction.Unmap(V1, 0, 1),
            new GuestAction.Disable(),
            new GuestAction.Attach(V1, 1),
            new GuestAction.Invalidate())) {
      assertThat(refused(iommu, action)).contains(reason);
    }
  }

  @Test
  void R_VIO_34_itIsNeverTurnedOffAndHasNoDomains() {
    VirtualIommu iommu = realized(QemuProfile.V11_1, "dma-remap=on");
    assertThat(refused(iommu, new GuestAction.Disable())).contains("leaves what devices see");
    assertThat(refused(iommu, new GuestAction.Attach(V1, 1))).contains("no domains");
    assertThat(refused(iommu, new GuestAction.Detach(V1, 1))).contains("no domains");
    assertThat(refused(iommu, new GuestAction.Map(V1, 1, 0, 1))).contains("iova 0x1 is not");
  }
}
