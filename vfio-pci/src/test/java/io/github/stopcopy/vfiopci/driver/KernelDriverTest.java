package io.github.stopcopy.vfiopci.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of kernel drivers (R-HOST C4), a case for each row. */
class KernelDriverTest {

  private static DriverAbility with(String driver, String kernel) {
    return KernelDriver.named(driver).orElseThrow().with(KernelRelease.read(kernel));
  }

  private static List<String> features(MigrationSupport migration) {
    List<String> features = new ArrayList<>();
    migration.error().ifPresent(error -> features.add(error.name()));
    if (migration.stopCopy()) {
      features.add("stop-copy");
    }
    if (migration.p2p()) {
      features.add("p2p");
    }
    if (migration.preCopy()) {
      features.add("pre-copy");
    }
    return features;
  }

  @ParameterizedTest(name = "{0} of Linux {1}: {2}, logs {3}")
  @CsvSource({
    "vfio-pci, 6.12, ENOTTY, false",
    "nvgrace_gpu_vfio_pci, 6.12, ENOTTY, false",
    "mlx5_vfio_pci, 5.18, 'stop-copy p2p', false",
    "mlx5_vfio_pci, 6.0, 'stop-copy p2p', false",
    "mlx5_vfio_pci, 6.1, 'stop-copy p2p', true",
    "hisi_acc_vfio_pci, 6.12, 'stop-copy pre-copy', false",
    "pds_vfio_pci, 6.6, 'stop-copy p2p', true",
    "virtio_vfio_pci, 6.12, ENOTTY, false",
    "virtio_vfio_pci, 6.13, 'stop-copy p2p pre-copy', false",
    "qat_vfio_pci, 6.10, 'stop-copy p2p pre-copy', false",
    "xe_vfio_pci, 6.19, 'stop-copy p2p', false"
  })
  void R_HOST_C4_whatEachDriverCanDo(String driver, String kernel, String migration, boolean logs) {
    DriverAbility ability = with(driver, kernel);

    assertThat(String.join(" ", features(ability.migration()))).isEqualTo(migration);
    assertThat(ability.dmaLogging().supported()).isEqualTo(logs);
  }

  /** Pages are counted in 32 bits with every release, ranges coalesced before 6.8 only. */
  @Test
  void R_HOST_C4_pdsCoalescesToOneRangeBefore6_8() {
    assertThat(with("pds_vfio_pci", "6.7.12").limits().maxRanges()).isEqualTo(1);
    assertThat(with("pds_vfio_pci", "6.8").limits().maxRanges()).isZero();
    assertThat(with("pds_vfio_pci", "6.7").limits().pageCountBits()).isEqualTo(32);
    assertThat(with("pds_vfio_pci", "6.8").limits().pageCountBits()).isEqualTo(32);
    assertThat(with("mlx5_vfio_pci", "6.7").limits().maxRanges()).isZero();
  }

  @Test
  void withoutAReleaseTheNewestRowCountsAndWithAnOlderOneTheFirst() {
    assertThat(with("virtio_vfio_pci", "unknown").migration().stopCopy()).isTrue();
    assertThat(with("qat_vfio_pci", "5.14.0-427.el9.x86_64").migration().stopCopy()).isTrue();
    assertThat(with("virtio_vfio_pci", "5.14").migration().error()).contains(Errno.ENOTTY);
  }

  @ParameterizedTest
  @EnumSource
  void everyRowSaysSinceWhenAndWhereItIsFrom(KernelDriver driver) {
    assertThat(driver.source()).isNotBlank();
    assertThat(driver.devices()).isNotBlank();
    List<Optional<KernelRelease>> since =
        driver.abilities().stream().map(DriverAbility::since).toList();
    if (driver.newest().migration().stopCopy()) {
      assertThat(since).doesNotContain(Optional.empty());
      assertThat(since.stream().map(Optional::get).toList()).isSorted().doesNotHaveDuplicates();
    }
    for (DriverAbility ability : driver.abilities()) {
      assertThat(ability.dmaLogging().supported() && !ability.migration().stopCopy()).isFalse();
    }
  }

  @Test
  void whoMadeADeviceTellsWhichDriversMayServeIt() {
    assertThat(serving("15b3:101e")).containsExactly(KernelDriver.VFIO_PCI, KernelDriver.MLX5);
    assertThat(serving("8086:4941"))
        .containsExactly(KernelDriver.VFIO_PCI, KernelDriver.QAT, KernelDriver.XE);
    assertThat(serving("1234:5678")).containsExactly(KernelDriver.VFIO_PCI);
  }

  private static List<KernelDriver> serving(String pciId) {
    return Arrays.stream(KernelDriver.values()).filter(each -> each.mayServe(pciId)).toList();
  }

  @Test
  void namesAreTakenWithEitherStroke() {
    assertThat(KernelDriver.named("mlx5-vfio-pci")).contains(KernelDriver.MLX5);
    assertThat(KernelDriver.named("vfio_pci")).contains(KernelDriver.VFIO_PCI);
    assertThat(KernelDriver.named("vfio")).isEmpty();
    assertThat(KernelDriver.names()).contains("vfio-pci", "mlx5_vfio_pci").hasSize(8);
  }

  @ParameterizedTest
  @CsvSource({
    "6.12.1-amd64, 6.12",
    "6.1, 6.1",
    "5.14.0-427.13.1.el9_4.x86_64, 5.14",
    "6, ''",
    "six, ''",
    "6.x, ''",
    "99999.1, ''"
  })
  void R_HOST_C1_theKernelTellsItsReleaseAsUnameDoes(String uname, String release) {
    assertThat(KernelRelease.read(uname).map(KernelRelease::toString).orElse(""))
        .isEqualTo(release);
  }

  @Test
  void releasesAreOrderedByNumber() {
    assertThat(new KernelRelease(6, 10)).isGreaterThan(new KernelRelease(6, 9));
    assertThat(new KernelRelease(6, 0)).isGreaterThan(new KernelRelease(5, 19));
  }

  @Test
  void R_HOST_C4_aRowForEachReleaseThatBroughtSomething() {
    assertThat(KernelDriver.MLX5.abilities())
        .extracting(DriverAbility::since)
        .containsExactly(
            Optional.of(new KernelRelease(5, 18)), Optional.of(new KernelRelease(6, 1)));
  }
}
