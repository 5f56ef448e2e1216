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

  @Test
  void guestActionsAreNotModelled() {
    VirtualIommu iommu = realized(QemuProfile.V10_2, "dma-remap=on");
    AddressSpace space = iommu.addressSpace(V1);
    List<String> before = rows(space);
    for (GuestAction action :
        List.of(
            new GuestAction.WriteContext(V1, ContextMode.TRANSLATE, 48),
            new GuestAction.Enable(),
            new GuestAction.Map(V1, 1, 2, -3),
            new GuestAction.Unmap(V1, 0, 1),
            new GuestAction.Disable(),
            new GuestAction.SetRoot(),
            new GuestAction.Invalidate())) {
      assertThat(iommu.guest(action)).isInstanceOf(ActionResult.Unsupported.class);
    }
    assertThat(rows(space)).isEqualTo(before);
  }
}
