package io.github.stopcopy.vfiopci;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.property.PropertySetting;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the settings of a device tell of it before anybody has checked them (R-PROP-7). */
class VfioDeviceTest {

  private static DeviceConfig device(String driver, String... settings) {
    List<PropertySetting> all = List.of(settings).stream().map(PropertySetting::parse).toList();
    return new DeviceConfig(driver, Optional.empty(), Optional.empty(), all);
  }

  @Test
  void vfiosDevicesAreKnownByTheirType() {
    assertThat(VfioDevice.isVfio(device("vfio-pci"))).isTrue();
    assertThat(VfioDevice.isVfio(device("vfio-pci-nohotplug"))).isTrue();
    assertThat(VfioDevice.isVfio(device("virtio-net-pci"))).isFalse();
  }

  @Test
  void R_PROP_7_theNameIsReadOffTheSettings() {
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=1:0.0"))).contains("0000:01:00.0");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=0000:af:1f.7"))).contains("0000:af:1f.7");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=0000:AF:1f.7"))).contains("0000:af:1f.7");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=0000:AF:1F.7"))).contains("0000:af:1f.7");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=ABCD:EF:AB.C"))).contains("abcd:ef:ab.c");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=0000.af.1f.7"))).contains("0000:af:1f.7");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=0000:af:1f:7"))).contains("0000:af:1f.7");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=0000:a:01f.70")))
        .contains("0000:0a:01f.70");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "sysfsdev=/sys/x/0000:05:00.1/")))
        .contains("0000:05:00.1");
    assertThat(VfioDevice.nameOf(device("vfio-pci"))).isEmpty();
  }

  @Test
  void R_PROP_7_whatIsNoAddressStaysAsItIs() {
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=NONSENSE"))).contains("NONSENSE");
    assertThat(VfioDevice.nameOf(device("vfio-pci", "host=1:2:3:4.5"))).contains("1:2:3:4.5");
  }
}
