package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.vfiopci.driver.KernelRelease;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which devices of the host a VM is given, and which Linux is assumed for their drivers. */
class AssignedDevicesTest {

  @Test
  void thoseThatArePluggedCountIfTheyAreVfios() {
    Scenario scenario =
        scenario(
            V11,
            q35(device("e1000e", "n1"), vfio(A)),
            HostFacts.CAPABLE,
            add(device("e1000e", "n2", "host=" + TestVm.C)),
            add(vfio(B)));
    assertThat(AssignedDevices.of(scenario)).containsExactly(vfio(A), vfio(B));
    assertThat(AssignedDevices.names(scenario)).containsExactly(A, B);
  }

  private static HostDevice bound(String driver) {
    return HostDevice.builder().driver(driver).build();
  }

  /** The release is one for all: that of the driver which became able last. */
  @ParameterizedTest
  @CsvSource({
    "mlx5_vfio_pci, virtio_vfio_pci, 6.13",
    "virtio_vfio_pci, mlx5_vfio_pci, 6.13",
    "mlx5_vfio_pci, mlx5_vfio_pci, 6.1",
    "vfio-pci, qat_vfio_pci, 6.10"
  })
  void R_HOST_C4_theAssumedKernelIsThatOfTheLatestAbility(
      String first, String second, String kernel) {
    Scenario scenario =
        scenario(V11, q35(vfio(A), vfio(B)), host(Map.of(A, bound(first), B, bound(second))));
    assertThat(AssumedHost.assumedKernel(scenario).map(KernelRelease::toString)).contains(kernel);
  }

  /** A file has a name only once QEMU has made the device. */
  @Test
  void aDeviceThatIsAFileIsKnownByItsNameInTheStory() throws Exception {
    VmConfig vm =
        q35()
            .object(new ObjectConfig("iommufd", "iommufd0", Map.of()))
            .device(device("vfio-pci", "v1", "fd=7", "iommufd=iommufd0"))
            .build();
    Story story = play(V10, vm, host(Map.of("VFIO_FD7", can(P2P))), migrate());

    assertThat(AssignedDevices.names(story.scenario())).isEmpty();
    assertThat(AssignedDevices.factNames(story)).containsExactly("VFIO_FD7");
    assertThat(AssignedDevices.idOf(story, "VFIO_FD7")).contains("v1");
  }

  /** Facts about a device that QEMU refuses are about this VM all the same. */
  @Test
  void aDeviceThatIsNotMadeIsNamedByItsDescription() throws Exception {
    Story story = play(V10, q35(vfio(A, "bus=nowhere")), host(Map.of(A, can(P2P))));

    assertThat(story.vm().exitCode()).isPresent();
    assertThat(AssignedDevices.factNames(story)).containsExactly(A);
  }

  /** Where the facts say all that the driver would, no release is assumed for it. */
  @Test
  void R_HOST_C4_noKernelIsAssumedForWhatIsKnown() {
    HostDevice known = can(P2P).toBuilder().driver("virtio_vfio_pci").build();
    HostFacts facts = host(Map.of(A, known, B, bound("mlx5_vfio_pci")));

    assertThat(AssumedHost.assumedKernel(scenario(V11, q35(vfio(A)), facts))).isEmpty();
    assertThat(
            AssumedHost.assumedKernel(scenario(V11, q35(vfio(A), vfio(B)), facts))
                .map(KernelRelease::toString))
        .contains("6.1");
  }
}
