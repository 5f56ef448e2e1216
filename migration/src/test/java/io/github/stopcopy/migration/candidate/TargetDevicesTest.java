package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.port;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The VFIO devices of a scenario: how they are named, as whom they change, which can leave. */
class TargetDevicesTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static TargetDevices targets(DeviceConfig... devices) {
    return new TargetDevices(scenario(V10, q35(devices), ANY));
  }

  @Test
  void aFewNamesAreToldAndOfMoreTheirNumber() {
    List<DeviceConfig> many = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      many.add(vfio("0000:0" + i + ":00.0"));
    }
    TargetDevices devices = targets(many.toArray(DeviceConfig[]::new));
    assertThat(devices.names(many.subList(0, 4))).isEqualTo("v1, v2, v3, v4");
    assertThat(devices.names(many.subList(0, 5))).isEqualTo("v1, v2, v3, v4 and 1 more");
    assertThat(devices.names(many)).isEqualTo("v1, v2, v3, v4 and 2 more");
  }

  @Test
  void whatAllDevicesOfATypeTakeIsOneChange() {
    DeviceConfig other = device("vfio-pci-nohotplug", "n", "host=0000:09:00.0");
    TargetDevices devices = targets(vfio(A), vfio(B), other);
    assertThat(devices.set(devices.all(), "x", "1"))
        .containsExactly(
            new RemedyChange.Set("vfio-pci", "x", "1"), new RemedyChange.Set("n", "x", "1"));
    assertThat(devices.set(List.of(vfio(A)), "x", "1"))
        .containsExactly(new RemedyChange.Set("v1", "x", "1"));
    assertThat(devices.unset(List.of(vfio(B)), "x"))
        .containsExactly(new RemedyChange.Unset("v2", "x"));
  }

  @Test
  void anIdThatIsTheNameOfATypeNamesItsDeviceOnly() {
    DeviceConfig confusing = device("vfio-pci", "vfio-pci", "host=" + B);
    TargetDevices devices = targets(vfio(A), confusing);
    assertThat(devices.remove(devices.all()))
        .containsExactly(new RemedyChange.Remove("v1"), new RemedyChange.Remove("vfio-pci"));
  }

  @Test
  void anIdThatMeansSomethingElseIsNotUsed() {
    assertThat(TargetDevices.target(device("vfio-pci", "memory", "host=" + A))).isEqualTo(A);
    assertThat(TargetDevices.target(device("vfio-pci", "net", "host=" + A))).isEqualTo("net");
    assertThat(ViommuCandidates.target(device("intel-iommu", "machine"))).isEqualTo("intel-iommu");
    assertThat(ViommuCandidates.target(device("intel-iommu", "iommu0"))).isEqualTo("iommu0");
  }

  @Test
  void R_OBS_121_R_OBS_122_whatCanBeUnplugged() {
    DeviceConfig ported = vfio(A, "bus=rp1");
    assertThat(targets(port("rp1", "1c.0"), ported).canBeUnplugged(List.of(ported))).isTrue();
    assertThat(targets(vfio(A)).canBeUnplugged(List.of(vfio(A)))).as("the root bus").isFalse();
    DeviceConfig fixed = device("vfio-pci-nohotplug", "n", "host=" + B, "bus=rp1");
    assertThat(targets(port("rp1", "1c.0"), fixed).canBeUnplugged(List.of(fixed))).isFalse();
    assertThat(targets(port("rp1", "1c.0"), ported, fixed).canBeUnplugged(List.of(ported, fixed)))
        .isFalse();
    DeviceConfig expander = device("pxb-pcie", "pxb1", "bus_nr=64");
    DeviceConfig onExpander = vfio(A, "bus=pxb1");
    assertThat(targets(expander, onExpander).canBeUnplugged(List.of(onExpander))).isFalse();
    TargetDevices onPc = new TargetDevices(scenario(V10, pc(vfio(A)), ANY));
    assertThat(onPc.canBeUnplugged(List.of(vfio(A)))).as("pc").isTrue();
  }

  @Test
  void R_LST_1_theExpanderIsLookedForUpwards() {
    DeviceConfig expander = device("pxb-pcie", "pxb1", "bus_nr=64");
    DeviceConfig root = device("pcie-root-port", "rp1", "bus=pxb1");
    DeviceConfig deep = vfio(A, "bus=rp1");
    assertThat(targets(expander, root, deep).expander(deep)).contains(expander);
    assertThat(targets(port("rp1", "1c.0"), deep).expander(deep)).isEmpty();
    DeviceConfig circle = device("pcie-root-port", "rp1", "bus=rp1");
    assertThat(targets(circle, deep).expander(deep)).as("a bus on itself").isEmpty();
  }
}
