package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.scenario.Scenario;
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
}
