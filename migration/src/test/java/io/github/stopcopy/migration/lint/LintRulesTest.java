package io.github.stopcopy.migration.lint;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Advice;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the linter finds in a VM, where, and what it proposes: each finding beside a VM that differs
 * in the one thing that is wise.
 */
class LintRulesTest {

  private static final QemuProfile NEW = QemuProfile.V11_1;
  private static final QemuProfile RFC = QemuProfile.V8_1_IOMMU_PT;
  private static final HostFacts CAPABLE = host(Map.of(A, can(P2P), B, can(P2P)));

  private static List<Advice> advice(QemuProfile profile, VmConfig vm, HostFacts host)
      throws InputException {
    return MigrationCheck.of(vm)
        .host(host)
        .profile(profile)
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()))
        .remedies(false)
        .adviceFrom(LintRuleSet.NAME)
        .decide()
        .advice();
  }

  /** Where a code is found and with which options it goes away, such as {@code A: --set x.y=z}. */
  private static List<String> found(LintCode code, QemuProfile profile, VmConfig vm, HostFacts host)
      throws InputException {
    return advice(profile, vm, host).stream()
        .filter(one -> one.finding().code().equals(code.name()))
        .map(one -> one.device().orElse("vm") + ": " + one.command().orElse("-"))
        .toList();
  }

  private static List<String> found(LintCode code, QemuProfile profile, DeviceConfig... devices)
      throws InputException {
    return found(code, profile, q35(devices), CAPABLE);
  }

  private static List<RemedyChange> changes(
      LintCode code, QemuProfile profile, VmConfig vm, HostFacts host) throws InputException {
    return advice(profile, vm, host).stream()
        .filter(one -> one.finding().code().equals(code.name()))
        .flatMap(one -> one.finding().changes().stream())
        .toList();
  }

  private static String explanation(LintCode code, QemuProfile profile, VmConfig vm, HostFacts host)
      throws InputException {
    return advice(profile, vm, host).stream()
        .filter(one -> one.finding().code().equals(code.name()))
        .map(one -> one.finding().explanation())
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void aCodeIsFoundByItsNameAndSaysWhatItMeansAndWhatToDo(LintCode code) {
    assertThat(LintCode.named(code.name())).contains(code);
    assertThat(code.meaning()).endsWith(".");
    assertThat(code.advice()).endsWith(".");
    assertThat(code.rules()).isNotEmpty().allMatch(rule -> rule.startsWith("R-"));
    assertThat(code.level().word()).isEqualTo(code.level().name().toLowerCase(Locale.ROOT));
  }

  @Test
  void aNameOfNoCodeIsNone() {
    assertThat(LintCode.named("VIOMMU_PRESENT")).isEmpty();
  }

  @Test
  void whatIsMissingIsNamedInTheMeaning() throws InputException {
    assertThat(explanation(LintCode.MACHINE_TYPE_UNVERSIONED, NEW, q35(vfio(A)), CAPABLE))
        .startsWith("The machine type q35 stands for another one in each release,")
        .endsWith("Name the type with its version, such as pc-q35-9.1.");
  }

  @Test
  void R_LST_1_aDeviceInFrontOfTheVirtualIommu() throws InputException {
    assertThat(found(LintCode.VIOMMU_AFTER_DEVICE, NEW, vfio(A), intel()))
        .containsExactly(A + ": -");
    assertThat(found(LintCode.VIOMMU_AFTER_DEVICE, NEW, intel(), vfio(A))).isEmpty();
  }

  @Test
  void R_VIO_18_cachingModeThatIsOff() throws InputException {
    DeviceConfig off = intel("caching-mode=off");
    LintCode code = LintCode.CACHING_MODE_OFF;
    assertThat(found(code, NEW, off)).containsExactly("vm: --set intel-iommu.caching-mode=on");
    assertThat(found(code, NEW, intel())).isEmpty();
    assertThat(found(code, NEW, device("virtio-iommu-pci", ""))).isEmpty();
    assertThat(found(code, NEW, vfio(A))).isEmpty();
    assertThat(found(code, NEW, off, vfio(A))).as("the reason says so").isEmpty();
  }

  private static VmConfig withRamTo(long end, DeviceConfig... devices) {
    List<PlacedRegion> ram =
        List.of(new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, end - 1), 0, false));
    return q35()
        .ramSize(end)
        .hotplugMemory(0, end)
        .memory(MachineMemory.fixed(new MemoryPlan(ram, ram, Optional.empty(), end, 0)))
        .devices(List.of(devices))
        .build();
  }

  @Test
  void R_VIO_17_aVirtualIommuNarrowerThanTheMemory() throws InputException {
    LintCode code = LintCode.VIOMMU_NARROWER_THAN_MEMORY;
    DeviceConfig narrow = intel("aw-bits=39");
    assertThat(found(code, NEW, withRamTo(512 * GIB, narrow), CAPABLE)).isEmpty();
    VmConfig one = withRamTo(512 * GIB + 4096, narrow);
    assertThat(found(code, NEW, one, CAPABLE)).containsExactly("vm: --set intel-iommu.aw-bits=48");
    assertThat(explanation(code, NEW, one, CAPABLE))
        .startsWith("The vIOMMU translates 39 address bits, and memory or BARs of the VM take 40.");
    assertThat(found(code, NEW, withRamTo(1L << 48, narrow), CAPABLE))
        .containsExactly("vm: --set intel-iommu.aw-bits=48");
    assertThat(found(code, NEW, withRamTo(512 * GIB + 4096, intel()), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, withRamTo(512 * GIB + 4096), CAPABLE)).isEmpty();
  }

  /** No width that the model has reaches over 2^48: nothing to set. */
  @Test
  void R_VIO_17_whereNoWidthReachesAllOfIt() throws InputException {
    assertThat(
            found(
                LintCode.VIOMMU_NARROWER_THAN_MEMORY,
                NEW,
                withRamTo((1L << 48) + 4096, intel()),
                CAPABLE))
        .containsExactly("vm: -");
  }

  private static HostFacts mapping(long last) {
    return host(
        HostContainer.CAPABLE.toBuilder().iovaRanges(List.of(new AddressRange(0, last))).build(),
        Map.of());
  }

  @Test
  void R_REL_36_aVirtualIommuWiderThanTheHosts() throws InputException {
    LintCode code = LintCode.VIOMMU_WIDER_THAN_HOST;
    VmConfig wide = q35(intel());
    assertThat(found(code, NEW, wide, mapping((1L << 48) - 1))).isEmpty();
    assertThat(found(code, NEW, wide, mapping((1L << 47) - 1)))
        .containsExactly("vm: --set intel-iommu.aw-bits=39");
    assertThat(explanation(code, NEW, wide, mapping((1L << 47) - 1)))
        .startsWith("The vIOMMU offers the guest 48 address bits, and the host's IOMMU maps 47.");
    assertThat(found(code, NEW, wide, mapping((1L << 39) - 1)))
        .containsExactly("vm: --set intel-iommu.aw-bits=39");
    assertThat(found(code, NEW, wide, mapping((1L << 38) - 1))).containsExactly("vm: -");
    assertThat(found(code, NEW, q35(intel("aw-bits=39")), mapping((1L << 39) - 1))).isEmpty();
    assertThat(found(code, NEW, wide, CAPABLE)).as("nobody says what the host maps").isEmpty();
    assertThat(found(code, NEW, q35(vfio(A)), mapping((1L << 39) - 1))).isEmpty();
  }

  private static VmConfig cpus(int count, String irqchip, DeviceConfig... devices) {
    return q35()
        .vcpus(count)
        .machineOption("kernel-irqchip", irqchip)
        .devices(List.of(devices))
        .build();
  }

  @Test
  void R_VIO_3_fewCpusDoWithoutAVirtualIommu() throws InputException {
    LintCode code = LintCode.VIOMMU_NOT_NEEDED;
    VmConfig few = cpus(255, "split", intel(), vfio(A));
    assertThat(found(code, NEW, few, CAPABLE)).hasSize(1).allMatch(one -> one.startsWith("vm: "));
    assertThat(explanation(code, NEW, few, CAPABLE)).startsWith("With 255 vCPUs interrupts do");
    assertThat(explanation(code, NEW, cpus(1, "split", intel(), vfio(A)), CAPABLE))
        .startsWith("With 1 vCPU interrupts do");
    assertThat(found(code, NEW, cpus(256, "split", intel("eim=on"), vfio(A)), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, cpus(2, "split", intel()), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, cpus(2, "split", vfio(A), intel()), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, cpus(2, "split", vfio(A)), CAPABLE)).isEmpty();
  }

  @Test
  void R_VIO_12_manyCpusNeedExtendedInterrupts() throws InputException {
    LintCode code = LintCode.EIM_OFF;
    VmConfig off = cpus(256, "split", intel("eim=off"));
    assertThat(found(code, NEW, off, CAPABLE))
        .containsExactly(
            "vm: --set intel-iommu.intremap=on --set intel-iommu.eim=on"
                + " --set machine.kernel-irqchip=split");
    assertThat(explanation(code, NEW, off, CAPABLE)).startsWith("The VM has 256 vCPUs,");
    assertThat(found(code, NEW, cpus(255, "split", intel("eim=off")), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, cpus(256, "split", intel("eim=on")), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, cpus(256, "split", intel()), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, cpus(256, "split", device("virtio-iommu-pci", "")), CAPABLE))
        .isEmpty();
  }

  /** As R-VIO-2 and R-VIO-12 decide what auto means; the middle column is the vIOMMU's. */
  @ParameterizedTest
  @CsvSource({
    "KVM, kernel-irqchip=split, '', false",
    "KVM, kernel_irqchip=split, '', false",
    "KVM, kernel-irqchip=on, '', true",
    "KVM, kernel-irqchip=split, intremap=off, true",
    "KVM, kernel-irqchip=on, intremap=off, true",
    "KVM, kernel-irqchip=split, intremap=on, false",
    "KVM, kernel-irqchip=split, eim=off, true",
    "TCG, kernel-irqchip=split, intremap=on, true",
    "TCG, kernel-irqchip=off, '', true",
    "TCG, kernel-irqchip=off, x-buggy-eim=on, false"
  })
  void R_VIO_12_whetherInterruptsAreExtendedByDefault(
      Accelerator accelerator, String irqchip, String setting, boolean off) throws InputException {
    String[] option = irqchip.split("=");
    DeviceConfig viommu =
        setting.isEmpty()
            ? device("intel-iommu", "", "caching-mode=on")
            : device("intel-iommu", "", "caching-mode=on", setting);
    VmConfig vm =
        VmConfig.builder()
            .machineType("q35")
            .machineOption(option[0], option[1])
            .accelerator(accelerator)
            .ramSize(2 * GIB)
            .vcpus(256)
            .memory(q35().build().memory())
            .devices(List.of(viommu))
            .build();
    assertThat(found(LintCode.EIM_OFF, NEW, vm, CAPABLE)).hasSize(off ? 1 : 0);
  }

  @Test
  void R_BLK_30_theOptionOnSomeDevicesOnly() throws InputException {
    LintCode code = LintCode.PASSTHROUGH_OPTION_ON_SOME;
    DeviceConfig with = vfio(A, "x-migration-iommu-pt=on");
    assertThat(found(code, RFC, with, vfio(B)))
        .containsExactly(B + ": --set v2.x-migration-iommu-pt=on");
    assertThat(explanation(code, RFC, q35(with, vfio(B)), CAPABLE))
        .contains("; 1 device has it and this one has not.");
    assertThat(
            explanation(
                code,
                RFC,
                q35(with, vfio(B, "x-migration-iommu-pt=on"), vfio("0000:03:00.0")),
                CAPABLE))
        .contains("; 2 devices have it and this one has not.");
    assertThat(found(code, RFC, with, vfio(B, "x-migration-iommu-pt=yes"))).isEmpty();
    assertThat(found(code, RFC, vfio(A), vfio(B))).isEmpty();
  }

  @Test
  void R_REL_20_iommufdForSomeDevicesOnly() throws InputException {
    LintCode code = LintCode.IOMMUFD_ON_SOME;
    DeviceConfig with = vfio(A, "iommufd=iommufd0");
    VmConfig some =
        q35()
            .object(new ObjectConfig("iommufd", "iommufd0", Map.of()))
            .devices(List.of(with, vfio(B)))
            .build();
    assertThat(found(code, NEW, some, CAPABLE)).containsExactly(B + ": --set v2.iommufd=iommufd0");
    assertThat(
            found(code, NEW, some.withDevices(List.of(with, vfio(B, "iommufd=iommufd0"))), CAPABLE))
        .isEmpty();
    assertThat(found(code, NEW, vfio(A), vfio(B))).isEmpty();
  }

  @Test
  void R_OBS_143_aPrimaryWithoutAStandby() throws InputException {
    LintCode code = LintCode.FAILOVER_WITHOUT_PAIR;
    DeviceConfig alone = vfio(A, "failover_pair_id=nic");
    assertThat(found(code, NEW, alone, vfio(B))).containsExactly(A + ": -");
    assertThat(changes(code, NEW, q35(alone, vfio(B)), CAPABLE))
        .containsExactly(new RemedyChange.Unset("v1", "failover_pair_id"));
    assertThat(explanation(code, NEW, q35(alone), CAPABLE))
        .startsWith("failover_pair_id names nic, which is no virtio-net device");
    assertThat(found(code, NEW, vfio(A))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "BARS_NOT_MAPPED, x-no-mmap=on, x-no-mmap=off, --set v1.x-no-mmap=off",
    "MULTIFD_TRANSFER_FORCED, x-migration-multifd-transfer=on, x-migration-multifd-transfer=auto,"
        + " --set v1.x-migration-multifd-transfer=auto",
    "PRE_COPY_TRACKING_OFF, x-pre-copy-dirty-page-tracking=off,"
        + " x-pre-copy-dirty-page-tracking=on, --set v1.x-pre-copy-dirty-page-tracking=on",
    "DEVICE_LOG_OFF, x-device-dirty-page-tracking=off, x-device-dirty-page-tracking=on,"
        + " --set v1.x-device-dirty-page-tracking=on"
  })
  void aSwitchThatIsUnwise(LintCode code, String unwise, String wise, String command)
      throws InputException {
    assertThat(found(code, NEW, vfio(A, unwise), vfio(B))).containsExactly(A + ": " + command);
    assertThat(found(code, NEW, vfio(A, wise), vfio(B))).isEmpty();
    assertThat(found(code, NEW, vfio(A), vfio(B))).isEmpty();
  }

  private static HostFacts silent(HostContainer container) {
    return host(container, Map.of(A, can(P2P, DmaLogging.NONE)));
  }

  @Test
  void R_BLK_61_allCountsAsWrittenWhereTheOwnerInsists() throws InputException {
    LintCode code = LintCode.ALL_COUNTS_AS_WRITTEN;
    VmConfig insists = q35(vfio(A, "enable-migration=on"));
    HostFacts tracks = silent(container(true, Optional.empty(), Optional.empty(), false));
    assertThat(found(code, NEW, insists, tracks)).containsExactly(A + ": -");
    assertThat(found(code, NEW, q35(vfio(A)), tracks)).isEmpty();
    assertThat(found(code, NEW, insists, CAPABLE)).isEmpty();
  }

  @Test
  void R_OBS_141_nobodyTracksAndTheOwnerInsists() throws InputException {
    LintCode code = LintCode.NOBODY_TRACKS;
    HostContainer tracksNot = container(false, Optional.empty(), Optional.empty(), false);
    VmConfig insists = q35(vfio(A, "enable-migration=on"));
    assertThat(found(code, NEW, insists, silent(tracksNot))).containsExactly(A + ": -");
    assertThat(found(code, NEW, q35(vfio(A)), silent(tracksNot))).isEmpty();
    assertThat(
            found(
                code,
                NEW,
                q35(vfio(A, "enable-migration=on", "x-device-dirty-page-tracking=off")),
                host(tracksNot, Map.of(A, can(P2P)))))
        .containsExactly(A + ": --set v1.x-device-dirty-page-tracking=on");
    assertThat(found(code, NEW, insists, host(tracksNot, Map.of(A, can(P2P))))).isEmpty();
  }

  /** From 11.0 on that is the way past the vIOMMU (R-BLK-63). */
  @Test
  void R_BLK_63_aLogThatIsOffBehindAVirtualIommuIsMeant() throws InputException {
    LintCode code = LintCode.DEVICE_LOG_OFF;
    DeviceConfig off = vfio(A, "x-device-dirty-page-tracking=off", "enable-migration=on");
    assertThat(found(code, NEW, intel(), off)).isEmpty();
    assertThat(found(code, NEW, off)).isNotEmpty();
    DeviceConfig blocked = vfio(A, "x-device-dirty-page-tracking=off");
    assertThat(found(code, NEW, intel(), blocked)).as("blocked all the same").hasSize(1);
  }

  @Test
  void R_BLK_72_aBlockerThatIsHiddenUntilTheMigration() throws InputException {
    LintCode code = LintCode.FAILURE_HIDDEN_UNTIL_MIGRATION;
    HostFacts tracks = silent(container(true, Optional.empty(), Optional.empty(), false));
    assertThat(found(code, NEW, q35(vfio(A)), tracks)).containsExactly(A + ": -");
    assertThat(found(code, NEW, q35(vfio(A, "enable-migration=on")), tracks)).isEmpty();
    assertThat(found(code, NEW, q35(vfio(A, "enable-migration=off")), CAPABLE)).isEmpty();
    assertThat(found(code, NEW, q35(vfio(A)), CAPABLE)).isEmpty();
  }

  @Test
  void R_BLK_31_aVirtualIommuThatCannotTranslateBlocksToo() throws InputException {
    LintCode code = LintCode.DMA_TRANSLATION_OFF_STILL_BLOCKS;
    assertThat(found(code, NEW, intel("dma-translation=off"), vfio(A))).containsExactly(A + ": -");
    assertThat(found(code, NEW, intel(), vfio(A))).isEmpty();
    assertThat(found(code, NEW, vfio(A), intel("dma-translation=off"))).isEmpty();
  }

  @Test
  void R_PROP_9_aPropertyThatTheNewestReleaseHasNot() throws InputException {
    LintCode code = LintCode.PROPERTY_GOES_AWAY;
    DeviceConfig old = vfio(A, "x-migration-iommu-pt=on");
    assertThat(found(code, RFC, old, vfio(B))).containsExactly(A + ": -");
    assertThat(changes(code, RFC, q35(old, vfio(B)), CAPABLE))
        .containsExactly(new RemedyChange.Unset("v1", "x-migration-iommu-pt"));
    assertThat(explanation(code, RFC, q35(old, vfio(B)), CAPABLE))
        .startsWith(
            "QEMU 8.1-iommu-pt is the last that has the property x-migration-iommu-pt of vfio-pci."
                + " With a newer release");
    assertThat(found(code, RFC, vfio(A, "enable-migration=auto"))).isEmpty();
    assertThat(found(code, RFC, vfio(A))).isEmpty();
  }

  @Test
  void R_OBS_116_aMachineTypeWithoutVersion() throws InputException {
    LintCode code = LintCode.MACHINE_TYPE_UNVERSIONED;
    assertThat(found(code, NEW, vfio(A))).containsExactly("vm: -");
    assertThat(found(code, NEW)).as("nothing to migrate").isEmpty();
    assertThat(
            found(
                code,
                NEW,
                q35().machineType("pc-q35-9.1").devices(List.of(vfio(A))).build(),
                CAPABLE))
        .isEmpty();
  }

  /** An id that means something else as the target of a change is not used as one. */
  @Test
  void aDeviceWithAReservedIdIsNamedByItsHostAddress() throws InputException {
    DeviceConfig named = device("vfio-pci", "machine", "host=" + A, "x-no-mmap=on");
    assertThat(found(LintCode.BARS_NOT_MAPPED, NEW, named))
        .containsExactly(A + ": --set " + A + ".x-no-mmap=off");
  }
}
