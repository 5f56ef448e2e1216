package io.github.stopcopy.migration.change;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyChange.Release;
import io.github.stopcopy.migration.remedy.RemedyChange.Remove;
import io.github.stopcopy.migration.remedy.RemedyChange.Replace;
import io.github.stopcopy.migration.remedy.RemedyChange.Set;
import io.github.stopcopy.migration.remedy.RemedyChange.Tracker;
import io.github.stopcopy.migration.remedy.RemedyChange.Unset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What changes come to, device by device: the vIOMMU is 0, v1 is 1, and v2 is plugged later. */
class EffectsTest {

  private final Effects effects =
      new Effects(scenario(V10, q35(intel(), vfio(A)), HostFacts.CAPABLE, add(vfio(B))));

  private java.util.Set<RemedyChange> of(RemedyChange... changes) {
    return effects.of(List.of(changes));
  }

  @Test
  void aTypeStandsForItsDevices() {
    assertThat(of(new Set("vfio-pci", "x", "1")))
        .containsExactlyInAnyOrder(new Set("1", "x", "1"), new Set("2", "x", "1"));
    assertThat(of(new Unset("vfio-pci", "x")))
        .containsExactlyInAnyOrder(new Unset("1", "x"), new Unset("2", "x"));
    assertThat(of(new Replace("intel-iommu", "y"))).containsExactly(new Replace("0", "y"));
    assertThat(of(new Remove("vfio-pci")))
        .containsExactlyInAnyOrder(new Remove("1"), new Remove("2"));
  }

  @Test
  void aDeviceIsKnownByItsIdAndByTheHostsDevice() {
    assertThat(of(new Set("v2", "x", "1"))).isEqualTo(of(new Set(B, "x", "1")));
    assertThat(of(new Tracker("v1", "t"))).containsExactly(new Tracker("1", "t"));
  }

  /** As a change finds it. */
  @Test
  void anIdComesBeforeATypeOfThatName() {
    Effects named =
        new Effects(scenario(V10, q35(vfio(A), device("x", "vfio-pci")), HostFacts.CAPABLE));
    assertThat(named.of(List.of(new Remove("vfio-pci")))).containsExactly(new Remove("1"));
  }

  @Test
  void whatNamesNoDeviceIsForAllVfioDevices() {
    assertThat(of(new Tracker("", "t")))
        .containsExactlyInAnyOrder(new Tracker("1", "t"), new Tracker("2", "t"));
    Action unplug = new Action(Action.UNPLUG_FOR_MIGRATION);
    assertThat(of(unplug)).containsExactlyInAnyOrder(unplug, new Remove("1"), new Remove("2"));
    assertThat(of(new Remove("v2"), unplug)).containsExactlyInAnyOrder(unplug, new Remove("2"));
  }

  @Test
  void whatIsAboutNoDeviceStaysAsItIs() {
    Set machine = new Set("machine", "type", "q35");
    assertThat(of(new Release(V11), machine)).containsExactlyInAnyOrder(new Release(V11), machine);
  }

  @Test
  void aDeviceThatIsNotThereIsAMistake() {
    assertThatThrownBy(() -> of(new Set("v9", "x", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a change of 'v9', expected a device of the VM");
  }

  /** By the address as it is written on the command line too, and by that of a path. */
  @Test
  void theHostsDeviceHasManyNames() {
    Effects named =
        new Effects(
            scenario(
                V10,
                q35(
                    device("vfio-pci", "", "host=01:00.0"),
                    device("vfio-pci", "", "sysfsdev=/sys/bus/pci/devices/" + B)),
                HostFacts.CAPABLE));

    assertThat(named.of(List.of(new Remove("01:00.0")))).containsExactly(new Remove("0"));
    assertThat(named.of(List.of(new Remove(A)))).containsExactly(new Remove("0"));
    assertThat(named.of(List.of(new Remove(B)))).containsExactly(new Remove("1"));
  }
}
