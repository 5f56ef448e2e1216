package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What of a scenario is another on the stand-in. */
class SceneTest {

  private static VmConfig vm(DeviceConfig device) {
    return VmConfig.builder()
        .device(device)
        .memory((vm, profile, host) -> {
          throw new IllegalStateException("nobody asks for memory here");
        })
        .build();
  }

  private static Scene scene(boolean kvm, List<String> argv, Step... steps) throws InputException {
    VmConfig vm = vm(DeviceConfig.of("vfio-pci").with("host", "01:00.0"));
    Scenario scenario = new Scenario("x", QemuProfile.V10_0, vm, HostFacts.CAPABLE, List.of(steps));
    QmpValue json =
        QmpValue.of(Map.of("argv", QmpValue.of(argv.stream().map(QmpValue::of).toList())));
    return Scene.of(json, scenario, kvm, Optional.empty());
  }

  private static List<String> argv(boolean kvm, String... words) throws InputException {
    return scene(kvm, List.of(words)).argv();
  }

  @Test
  void noRealDeviceIsEverTouched() throws InputException {
    assertThat(
            argv(
                true,
                "-accel",
                "kvm",
                "-device",
                "vfio-pci,host=01:00.0,id=v1",
                "-device",
                "vfio-pci,id=v2,sysfsdev=/sys/bus/pci/devices/0000:02:00.0",
                "-device",
                "{\"driver\":\"vfio-pci\",\"host\":\"0000:03:00.0\",\"id\":\"v3\"}",
                "-device",
                "virtio-net-pci,host_mtu=1500"))
        .containsExactly(
            "-accel", "kvm",
            "-device", "vfio-pci,sysfsdev=@DIR@/sys/0000:01:00.0,id=v1",
            "-device", "vfio-pci,id=v2,sysfsdev=@DIR@/sys/0000:02:00.0",
            "-device",
                "{\"driver\":\"vfio-pci\",\"sysfsdev\":\"@DIR@/sys/0000:03:00.0\",\"id\":\"v3\"}",
            "-device", "virtio-net-pci,host_mtu=1500");
    assertThat(scene(true, List.of()).devices()).containsExactly("0000:01:00.0");
  }

  @Test
  void filesLieInTheFolderOfTheRun() throws InputException {
    assertThat(
            argv(
                true,
                "-accel",
                "kvm",
                "-object",
                "memory-backend-file,id=ram0,share=on,mem-path=/dev/shm/x,size=64G",
                "-drive",
                "if=pflash,format=raw,file=/usr/share/OVMF.fd"))
        .contains(
            "memory-backend-file,id=ram0,share=on,mem-path=@DIR@/ram-ram0,size=64G",
            "if=pflash,format=raw,file=@DIR@/flash.img");
  }

  @Test
  void withoutKvmTheGuestIsTranslated() throws InputException {
    assertThat(argv(false, "-accel", "kvm")).containsExactly("-accel", "tcg");
    assertThat(argv(false, "-enable-kvm")).containsExactly("-accel", "tcg");
    assertThat(argv(false, "-machine", "q35,accel=kvm"))
        .containsExactly("-machine", "q35,accel=tcg");
    assertThat(argv(true, "-machine", "q35")).containsExactly("-machine", "q35", "-accel", "tcg");
  }

  @Test
  void theVendorOfTheProcessorIsSaidWhereTheWordsDoNot() throws InputException {
    QmpValue json = QmpValue.of(Map.of("argv", QmpValue.of(List.of())));
    Scenario scenario =
        new Scenario(
            "x", QemuProfile.V10_0, vm(DeviceConfig.of("x")), HostFacts.CAPABLE, List.of());
    Optional<String> vendor = Optional.of("AuthenticAMD");
    assertThat(Scene.of(json, scenario, true, vendor).argv())
        .containsSequence("-cpu", "qemu64,vendor=AuthenticAMD");
    for (String said : List.of("host", "host,vendor=GenuineIntel")) {
      QmpValue words =
          QmpValue.of(Map.of("argv", QmpValue.of(List.of(QmpValue.of("-cpu"), QmpValue.of(said)))));
      assertThat(Scene.of(words, scenario, true, vendor).argv())
          .containsSequence("-cpu", said.equals("host") ? "host,vendor=AuthenticAMD" : said)
          .filteredOn("-cpu"::equals)
          .hasSize(1);
    }
  }

  @Test
  void whatNeedsGuestSoftwareIsRefusedWithItsStep() {
    assertThatThrownBy(() -> scene(true, List.of(), new Step.Boot(), new Step.Sync()))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("step 2: sync needs guest software that is not here");
    assertThatThrownBy(() ->
            scene(
                true, List.of(), new Step.Boot(), new Step.DmaWrite("v1", new AddressRange(0, 1))))
        .hasMessageStartingWith("step 2: dma-write");
    assertThatThrownBy(() -> scene(true, List.of("-daemonize"))).hasMessageContaining("-daemonize");
  }

  @Test
  void aPluggedDeviceHasItsPropertiesAsTheyAreWritten() throws Exception {
    DeviceConfig device =
        new DeviceConfig(
            "vfio-pci",
            Optional.of("v1"),
            Optional.of("rp1"),
            List.of(
                PropertySetting.of("enable-migration", "off"),
                new PropertySetting("multifunction", new PropertyInput.TypedBoolean(true)),
                new PropertySetting("x", new PropertyInput.TypedNumber(BigInteger.TEN))));

    assertThat(Scene.arguments(device))
        .isEqualTo(
            QmpValue.parse(
                "{\"driver\":\"vfio-pci\",\"id\":\"v1\",\"bus\":\"rp1\",\"enable-migration\":\"off\","
                    + "\"multifunction\":true,\"x\":10}"));
  }

  @Test
  void theModelPlaysWhatWasPlayed() throws Exception {
    VmConfig vm = vm(DeviceConfig.of("pci-testdev"));
    Scenario scenario =
        new Scenario(
            "x", QemuProfile.V10_0, vm, HostFacts.CAPABLE, List.of(new Step.DeviceDel("v1", true)));
    QmpValue json =
        QmpValue.parse(
            "{\"id\":\"x\",\"profile\":\"8.1\",\"argv\":[],"
                + "\"steps\":[{\"do\":\"device-del\",\"id\":\"v1\"}]}");
    assertThat(
            Scene.of(json, scenario, true, Optional.empty())
                .played("10.0", Optional.of("dump"), Map.of(1, false)))
        .isEqualTo(
            QmpValue.parse(
                "{\"id\":\"x\",\"profile\":\"10.0\",\"argv\":[\"-accel\",\"tcg\"],\"mtree\":\"dump\","
                    + "\"steps\":[{\"do\":\"boot\"},"
                    + "{\"do\":\"device-del\",\"id\":\"v1\",\"released\":false}]}"));
  }
}
