package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.del;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.inGroup;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.scenario.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R-LST-1, R-OBS-2, R-OBS-6, R-OBS-7: where devices sit and which address space they get. */
class PciTopologyTest {

  private static String requester(Story story, String name) {
    Vm vm = story.vm();
    return vm.requester(vm.findDevice(name).orElseThrow()).toString();
  }

  private static boolean behind(Story story, String name) {
    return story.vm().findDevice(name).orElseThrow().container().isBehindVirtualIommu();
  }

  @Test
  void R_LST_1_onTheRootBusADeviceIsSeenAsItself() throws Exception {
    Story story = play(SEED, q35(intel(), vfio(A, "addr=05.0"), vfio(B, "addr=5.1")));

    assertThat(requester(story, A)).isEqualTo("pcie.0/05.0");
    assertThat(requester(story, B)).isEqualTo("pcie.0/05.1");
    assertThat(story.vm().containers()).as("R-OBS-7").hasSize(2);
  }

  @Test
  void R_LST_1_behindARootPortADeviceKeepsItsIdentity() throws Exception {
    Story story =
        play(SEED, q35(intel(), device("pcie-root-port", "rp1", "addr=02.0"), vfio(A, "bus=rp1")));

    assertThat(requester(story, A)).isEqualTo("rp1/00.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pcie-root-port",
        "ioh3420",
        "x3130-upstream",
        "pci-bridge",
        "pcie-pci-bridge",
        "pxb-pcie"
      })
  void R_LST_1_aBridgeNeedsNoAddress(String bridge) throws Exception {
    Story story =
        play(SEED, q35(intel(), device(bridge, "b1"), device(bridge, "b2"), vfio(A, "bus=b2")));

    assertThat(last(story).exitCode()).isEmpty();
    assertThat(behind(story, A)).isTrue();
  }

  @Test
  void R_LST_1_behindAPciePciBridgeAllDevicesAreTheSecondaryBusAtZero() throws Exception {
    Story story =
        play(
            SEED,
            q35(
                intel(), device("pcie-pci-bridge", "br", "addr=02.0"),
                vfio(A, "bus=br", "addr=01.0"), vfio(B, "bus=br", "addr=02.0")),
            host(Map.of(A, inGroup(7), B, inGroup(7))));

    assertThat(requester(story, A)).isEqualTo("br/00.0").isEqualTo(requester(story, B));
    assertThat(last(story).exitCode()).as("one address space, so no R-OBS-2").isEmpty();
    assertThat(story.vm().containers()).hasSize(1);
  }

  @Test
  void R_LST_1_behindAConventionalBridgeAllDevicesAreTheBridge() throws Exception {
    Story story =
        play(
            SEED,
            q35(
                intel(),
                device("pci-bridge", "br", "addr=03.0"),
                vfio(A, "bus=br", "addr=01.0"),
                device("pci-bridge", "br2", "bus=br", "addr=02.0"),
                vfio(B, "bus=br2")));

    assertThat(requester(story, A)).isEqualTo("pcie.0/03.0");
    assertThat(requester(story, B)).as("the outermost bridge counts").isEqualTo("pcie.0/03.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"default-bus-bypass-iommu", "default_bus_bypass_iommu"})
  void R_LST_1_aBusCanBypassTheVIommu(String option) throws Exception {
    Story story =
        play(
            SEED,
            q35()
                .machineOption(option, "on")
                .device(intel())
                .device(vfio(A))
                .device(device("pxb-pcie", "pxb", "addr=04.0"))
                .device(vfio(B, "bus=pxb"))
                .device(device("pcie-root-port", "rp", "addr=06.0"))
                .device(vfio(C, "bus=rp"))
                .build());

    assertThat(behind(story, A)).isFalse();
    assertThat(behind(story, B)).as("an expander has a setting of its own").isTrue();
    assertThat(behind(story, C)).as("ports inherit it").isFalse();
  }

  @Test
  void R_LST_1_anExpanderCanBypassToo() throws Exception {
    Story story =
        play(
            SEED,
            q35(
                intel(), device("pxb-pcie", "pxb", "addr=04.0", "bypass_iommu=on"),
                vfio(A, "bus=pxb"), vfio(B)));

    assertThat(behind(story, A)).isFalse();
    assertThat(behind(story, B)).isTrue();
  }

  @Test
  void R_LST_1_anUnknownBusIsQemusError() throws Exception {
    Story story = play(SEED, q35(vfio(A, "bus=nowhere")));

    assertThat(last(story).exitCode()).hasValue(1);
    assertThat(last(story).errors()).containsExactly("Bus 'nowhere' not found");
    assertThat(last(play(SEED, q35().build(), add(vfio(A, "bus=nowhere")))).commandError())
        .contains("Bus 'nowhere' not found");
  }

  /** The texts are those of a QEMU 10.0 that was run for it. */
  @Test
  void R_LST_1_twoDevicesInOnePlaceAreQemusError() throws Exception {
    assertThat(last(play(SEED, q35(vfio(A, "addr=5.0"), vfio(B, "addr=05")))).errors())
        .containsExactly(
            "PCI: slot 5 function 0 not available for vfio-pci, in use by vfio-pci,id=v1");
    Story story =
        play(
            SEED,
            q35(
                new DeviceConfig("pci-testdev", Optional.empty(), Optional.empty(), List.of()),
                device("pcie-root-port", "rp1", "addr=0x1")));
    assertThat(last(story).errors())
        .containsExactly(
            "PCI: slot 1 function 0 not available for pcie-root-port, in use by"
                + " pci-testdev,id=(null)");
    assertThat(last(story).exitCode()).hasValue(1);
  }

  @Test
  void R_LST_1_aFreedPlaceCanBeTakenAgain() throws Exception {
    Story story = play(SEED, pc(vfio(A, "addr=5.0")), del("v1"), add(vfio(B, "addr=5.0")));

    assertThat(requester(story, B)).isEqualTo("pci.0/05.0");
  }

  @Test
  void R_LST_1_withoutAddressTheFirstFreeSlotIsTakenUntilTheBusIsFull() throws Exception {
    List<DeviceConfig> devices = new ArrayList<>();
    for (int i = 0; i < 31; i++) {
      devices.add(device("vfio-pci", "d" + i, String.format("host=0000:%02x:00.0", i + 1)));
    }
    Story story = play(SEED, q35(devices.toArray(DeviceConfig[]::new)));
    assertThat(requester(story, "d0")).isEqualTo("pcie.0/01.0");
    assertThat(requester(story, "d30")).isEqualTo("pcie.0/1f.0");

    devices.add(device("vfio-pci", "d31", "host=0000:30:00.0"));
    assertThat(TestVm.last(play(SEED, q35(devices.toArray(DeviceConfig[]::new)))).errors())
        .containsExactly("PCI: no slot/function available for vfio-pci, all in use or reserved");
  }

  @Test
  void R_OBS_2_aGroupCannotBeInTwoAddressSpaces() throws Exception {
    Story story =
        play(V10, q35(intel(), vfio(A), vfio(B)), host(Map.of(A, inGroup(7), B, inGroup(7))));

    assertThat(last(story).errors())
        .containsExactly("vfio " + B + ": group 7 used in multiple address spaces");
    assertThat(last(story).exitCode()).hasValue(1);
  }

  @Test
  void R_OBS_6_aDeviceInFrontOfTheVIommuIsNotBehindIt() throws Exception {
    Story story = play(V10, q35(vfio(A), intel(), vfio(B)));

    assertThat(behind(story, A)).isFalse();
    assertThat(behind(story, B)).isTrue();
    assertThat(story.vm().blockedReasons())
        .containsExactly(B + ": Migration is currently not supported with vIOMMU enabled");
  }

  @Test
  void R_OBS_7_withoutAVIommuDevicesShareAContainer() throws Exception {
    Story story = play(V10, q35(vfio(A), vfio(B)));

    assertThat(story.vm().containers()).hasSize(1);
    assertThat(story.vm().containers().get(0).deviceNames()).containsExactly(B, A);
  }

  private static String pathBehind(DeviceConfig expander) {
    PciTopology topology = new PciTopology(q35().build());
    topology.place(expander);
    Result<PciTopology.Placement> placed = topology.place(vfio(A, "bus=pxb"));
    return topology.path(((Result.Ok<PciTopology.Placement>) placed).value().address());
  }

  /** The number that the bus of an expander has is where paths begin. */
  @Test
  void R_MIG_50_thePathBehindAnExpanderBeginsWithTheNumberOfItsBus() {
    assertThat(pathBehind(device("pxb-pcie", "pxb", "addr=04.0", "bus_nr=0x81")))
        .isEqualTo("0000:81:04.0:00.0");
    assertThat(pathBehind(device("pxb-pcie", "pxb", "addr=04.0"))).isEqualTo("0000:00:04.0:00.0");
  }

  /** Of a device that means nothing to the model it is not known whether it takes a slot. */
  @Test
  void R_LST_1_aDeviceOfAnotherKindIsPlacedOnlyOnAPciBus() {
    PciTopology topology = new PciTopology(q35().build());

    assertThat(topology.knowsBusOf(device("usb-tablet", "t"))).isFalse();
    assertThat(topology.knowsBusOf(device("usb-tablet", "t", "bus=usb.0"))).isFalse();
    assertThat(topology.knowsBusOf(device("e1000", "n", "bus=pcie.0"))).isTrue();
    assertThat(topology.knowsBusOf(device("e1000", "n", "addr=4"))).isTrue();
    assertThat(topology.knowsBusOf(device("pcie-root-port", "rp"))).isTrue();
    assertThat(topology.knowsBusOf(device("pci-testdev", "p"))).isTrue();
  }

  @Test
  void R_LST_1_aVirtualIommuTakesASlotToo() throws Exception {
    Story story = play(V10, q35(vfio(A, "addr=5.0"), device("virtio-iommu-pci", "", "addr=5.0")));

    assertThat(last(story).errors())
        .containsExactly(
            "PCI: slot 5 function 0 not available for virtio-iommu-pci, in use by vfio-pci,id=v1");
  }
}
