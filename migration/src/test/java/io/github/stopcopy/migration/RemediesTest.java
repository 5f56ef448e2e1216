package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.context;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each remedy that is told holds when its change is made by hand, and none leads to a refusal. */
class RemediesTest {

  private static final String PT = "x-migration-iommu-pt=on";
  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static List<Remedy> remedies(QemuProfile profile, VmConfig vm, HostFacts host)
      throws Exception {
    return verdict(scenario(profile, vm, host, migrate())).reasons().get(0).remedies();
  }

  private static VerdictKind kind(QemuProfile profile, VmConfig vm, HostFacts host)
      throws Exception {
    return verdict(scenario(profile, vm, host, migrate())).kind();
  }

  private static Remedy starting(List<Remedy> remedies, String text) {
    return remedies.stream()
        .filter(remedy -> remedy.text().startsWith(text))
        .findFirst()
        .orElseThrow(() -> new AssertionError(text + " not in " + remedies));
  }

  @Test
  void againstAVIommuEachOfTheThreeWaysHolds() throws Exception {
    List<Remedy> remedies = remedies(V10, q35(intel(), vfio(A), vfio(B)), ANY);

    assertThat(remedies).hasSize(3);
    assertThat(remedies.get(0).text()).contains(PT).contains("(v1, v2)").contains("8.1-iommu-pt");
    assertThat(remedies.get(0).verdict())
        .isEqualTo(kind(SEED, q35(intel(), vfio(A, PT), vfio(B, PT)), ANY))
        .isEqualTo(VerdictKind.CONDITIONAL);
    String[] byContainer = {"x-device-dirty-page-tracking=off", "enable-migration=on"};
    assertThat(starting(remedies, "run QEMU 11.0").verdict())
        .isEqualTo(kind(V11, q35(intel(), vfio(A, byContainer), vfio(B, byContainer)), ANY))
        .isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(starting(remedies, "remove the vIOMMU").verdict())
        .isEqualTo(kind(V10, q35(vfio(A), vfio(B)), ANY))
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void aVmOf320CpusIsToldThat255AreTheMostWithoutAVIommu() throws Exception {
    VmConfig vm = q35().vcpus(320).device(intel("eim=on")).device(vfio(A)).build();

    assertThat(starting(remedies(V10, vm, ANY), "remove the vIOMMU").text())
        .isEqualTo(
            "remove the vIOMMU (-device intel-iommu) and have at most 255 vCPUs, since more need it"
                + " for interrupts");
    VmConfig off = q35().vcpus(320).machineOption("kernel-irqchip", "off").build();
    assertThat(remedies(V10, off, ANY))
        .extracting(Remedy::text)
        .containsExactly("set -machine kernel-irqchip=split", "have at most 255 vCPUs");
  }

  @Test
  void aVmThatCameInIsToldToAskAgainOnceItIsThere() throws Exception {
    assertThat(remedies(V10, q35().incoming(true).device(vfio(A)).build(), ANY))
        .extracting(Remedy::toString)
        .containsExactly(
            "wait until the incoming migration has ended, and ask again without -incoming"
                + " (then: migratable)");
  }

  @Test
  void aWarningOfOneCpuIsGoodEnglish() throws Exception {
    assertThat(starting(remedies(V10, q35(intel(), vfio(A)), ANY), "remove").text())
        .endsWith("1 vCPU does not need it for interrupts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host=01:00.0",
        "host=1:0.0",
        "host=0000:01:00.0",
        "sysfsdev=/sys/bus/pci/devices/0000:01:00.0",
        "sysfsdev=/sys/devices/0000:01:00.0/"
      })
  void aDeviceIsFoundHoweverItIsNamed(String which) throws Exception {
    VmConfig vm = q35(device("vfio-pci", "v1", which, "enable-migration=off"));

    assertThat(remedies(V10, vm, ANY))
        .extracting(Remedy::toString)
        .containsExactly("set enable-migration=auto on " + A + " (then: migratable)");
  }

  @Test
  void aRemedyCanLeadToTheNextReasonAndSaysSo() throws Exception {
    assertThat(remedies(V10, q35(intel(), vfio(A, "enable-migration=off")), ANY))
        .extracting(Remedy::toString)
        .containsExactly("set enable-migration=auto on " + A + " (then: blocked)");
  }

  @Test
  void aRemedyThatEndsInARefusalIsNotTold() throws Exception {
    HostFacts noLog = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    String on = "enable-migration=on";

    assertThat(kind(V10, q35(intel(), vfio(A, on)), noLog)).isEqualTo(VerdictKind.REFUSED);
    assertThat(remedies(V10, q35(intel(), vfio(A)), noLog))
        .extracting(Remedy::text)
        .containsExactly(
            "migrate without " + A + ": unplug it before, plug one in on the other side");
    assertThat(kind(V10, q35(vfio(A, on)), noLog)).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(starting(remedies(V10, q35(vfio(A)), noLog), "set enable-migration=on").verdict())
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void aDeviceThatIsLeftOutTakesTheStepsThatNameItAlong() throws Exception {
    HostFacts noDriver = host(Map.of(A, can(MigrationSupport.failing(Errno.ENOTTY))));
    Verdict verdict =
        verdict(
            scenario(
                V10,
                q35(intel(), vfio(A)),
                noDriver,
                context("v1", ContextMode.PASSTHROUGH),
                migrate()));

    assertThat(verdict.reasons().get(0).remedies())
        .extracting(Remedy::verdict)
        .containsExactly(VerdictKind.MIGRATABLE);
  }

  @Test
  void theDevicesWithoutP2pAreNamed() throws Exception {
    HostFacts host = host(Map.of(B, can(NO_P2P)));

    assertThat(remedies(V10, q35(vfio(A), vfio(B)), host))
        .extracting(Remedy::toString)
        .containsExactly(
            "unplug the devices without P2P ("
                + B
                + ") before the migration"
                + " (then: migratable)");
    assertThat(kind(V10, q35(vfio(A)), host)).isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void theVIommuOfAPluginCanBeRemovedToo() throws Exception {
    assertThat(remedies(V10, q35(device("frozen-iommu", "")), ANY))
        .extracting(Remedy::verdict)
        .containsExactly(VerdictKind.MIGRATABLE);
  }

  @Test
  void unsuitableVIommuSettingsAreCorrected() throws Exception {
    assertThat(
            starting(remedies(SEED, q35(intel("aw-bits=57"), vfio(A, PT)), ANY), "set").verdict())
        .isEqualTo(kind(SEED, q35(intel(), vfio(A, PT)), ANY));
    assertThat(
            starting(remedies(V10, q35(intel("caching-mode=off"), vfio(A)), ANY), "set caching")
                .verdict())
        .isEqualTo(kind(V10, q35(intel(), vfio(A)), ANY));
    assertThat(starting(remedies(SEED, q35(intel(), vfio(A, PT)), ANY), "set dma-tr").verdict())
        .isEqualTo(kind(SEED, q35(intel("dma-translation=off"), vfio(A, PT)), ANY));
  }

  @Test
  void withoutTheUnsupportedCapabilityTheOthersStay() throws Exception {
    Verdict verdict = verdict(scenario(V10, q35(vfio(A)), ANY, migrate("postcopy-ram", "xbzrle")));

    assertThat(verdict.reasons().get(0).remedies())
        .extracting(Remedy::toString)
        .containsExactly(
            "migrate without postcopy-ram and background-snapshot" + " (then: migratable)");
  }

  @Test
  void whereADeviceCannotLogTheContainerCan() throws Exception {
    HostFacts host =
        host(Map.of(A, can(P2P, TestVm.logging(Optional.of(Errno.EINVAL), Optional.empty(), 0))));
    String[] byContainer = {"x-device-dirty-page-tracking=off", "enable-migration=on"};

    assertThat(remedies(V10, q35(vfio(A)), host))
        .extracting(Remedy::verdict)
        .containsExactly(kind(V10, q35(vfio(A, byContainer)), host))
        .containsExactly(VerdictKind.MIGRATABLE);
  }
}
