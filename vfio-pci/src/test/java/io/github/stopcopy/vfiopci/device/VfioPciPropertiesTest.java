package io.github.stopcopy.vfiopci.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PciProperties;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciNoHotplugProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.math.BigInteger;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The properties and how they are read (spec 05), and how the device types are found. */
class VfioPciPropertiesTest {

  private static TreeSet<String> expected(QemuProfile profile, boolean hotplug) throws IOException {
    String text;
    try (InputStream in = VfioPciPropertiesTest.class.getResourceAsStream("properties.csv")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    boolean old = profile == QemuProfile.V8_1_IOMMU_PT;
    TreeSet<String> rows = new TreeSet<>();
    for (String line : text.lines().skip(1).toList()) {
      String[] cells = line.split(",", -1);
      String value = cells[old ? 2 : 3];
      boolean here =
          switch (cells[4]) {
            case "nohotplug" -> !hotplug;
            case "iommu-pt" -> profile == QemuProfile.V8_1_IOMMU_PT;
            default -> true;
          };
      if (here && !value.equals("-")) {
        rows.add(cells[0] + " " + cells[1] + " " + value);
      }
    }
    return rows;
  }

  private static TreeSet<String> actual(DeviceTypeProvider provider, QemuProfile profile) {
    TreeSet<String> rows = new TreeSet<>();
    for (var property : provider.properties(profile).definitions()) {
      if (!PciProperties.common().contains(property) && !property.equals(PciProperties.BOOTINDEX)) {
        rows.add(
            property.name()
                + " "
                + property.type().label()
                + " "
                + property.defaultValue().map(Object::toString).orElse("unset"));
      }
    }
    return rows;
  }

  @ParameterizedTest
  @EnumSource(names = {"V8_1_IOMMU_PT", "V10_2"})
  void theTableOfTheSpec(QemuProfile profile) throws IOException {
    assertThat(actual(new VfioPciProvider(), profile)).isEqualTo(expected(profile, true));
    assertThat(actual(new VfioPciNoHotplugProvider(), profile)).isEqualTo(expected(profile, false));
  }

  private static String error(PropertySetting setting) {
    return TestVm.failed(new VfioPciProvider().properties(QemuProfile.V10_2).read(List.of(setting)))
        .text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-no-mmap | On | Parameter 'x-no-mmap' expects 'on' or 'off'",
        "enable-migration | yes | Parameter 'enable-migration' does not accept value 'yes'",
        "x-msix-relocation | bar6 | Parameter 'x-msix-relocation' does not accept value 'bar6'",
        "xres | 12x | Parameter 'xres' expects integer",
        "xres | 0x100000000 | Parameter 'xres' expects uint32_t",
        "xres | -1 | Parameter 'xres' expects uint32_t",
        "x-nv-gpudirect-clique | 256 | Parameter 'x-nv-gpudirect-clique' expects uint8_t",
        "x-migration-max-queued-buffers-size | 1Z"
            + " | Parameter 'x-migration-max-queued-buffers-size' expects size",
        "vf-token | 12 | Property 'vfio-pci.vf-token' doesn't take value '12'",
        "foo | 1 | Property 'vfio-pci.foo' not found",
        "x-migration-iommu-pt | on | Property 'vfio-pci.x-migration-iommu-pt' not found"
      })
  void R_PROP_2_to_R_PROP_9_errorsOfTheTextSyntax(String name, String value, String expected) {
    assertThat(error(PropertySetting.of(name, value))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01:00.8", "01:00.a", "01:20.0", "100:00.0", "10000:01:00.0", "01:00.0x", ""})
  void R_PROP_7_whatIsNoHostDevice(String value) {
    assertThat(error(PropertySetting.of("host", value)))
        .isEqualTo("Property 'vfio-pci.host' doesn't take value '" + value + "'");
  }

  @Test
  void R_PROP_2_to_6_errorsOfTheTypedSyntax() {
    PropertyInput bool = new PropertyInput.TypedBoolean(true);
    PropertyInput text = new PropertyInput.TypedText("on");
    assertThat(error(new PropertySetting("x-no-mmap", text)))
        .isEqualTo("Invalid parameter type for 'x-no-mmap', expected: boolean");
    assertThat(error(new PropertySetting("enable-migration", bool)))
        .isEqualTo("Invalid parameter type for 'enable-migration', expected: string");
    assertThat(error(new PropertySetting("xres", text)))
        .isEqualTo("Parameter 'xres' expects uint64");
    assertThat(
            error(
                new PropertySetting("xres", new PropertyInput.TypedNumber(BigInteger.TEN.pow(10)))))
        .isEqualTo("Parameter 'xres' expects uint32_t");
  }

  private static String refused(QemuProfile profile, String... settings) {
    return TestVm.failed(TestVm.of(profile).create(settings)).text();
  }

  @Test
  void R_PROP_20_withoutAHostDevice() {
    assertThat(TestVm.failed(TestVm.of(QemuProfile.V8_2).create()).hints())
        .containsExactly(
            "Use -device vfio-pci,host=DDDD:BB:DD.F or -device vfio-pci,sysfsdev=PATH_TO_DEVICE");
    var now = TestVm.failed(TestVm.of(QemuProfile.V10_2).create());
    assertThat(now.text()).isEqualTo("No provided host device");
    assertThat(now.hints())
        .containsExactly(
            "Use -device vfio-pci,host=DDDD:BB:DD.F or -device vfio-pci,fd=DEVICE_FD or -device"
                + " vfio-pci,sysfsdev=PATH_TO_DEVICE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-balloon-allowed=on | x-balloon-allowed only potentially compatible with mdev devices",
        "x-pci-vendor-id=0xffff | invalid PCI vendor ID provided",
        "x-pci-device-id=0x10000 | invalid PCI device ID provided",
        "x-pci-sub-vendor-id=0x10000 | invalid PCI subsystem vendor ID provided",
        "x-pci-sub-device-id=0x10000 | invalid PCI subsystem device ID provided"
      })
  void R_PROP_23_to_R_PROP_26_checksOfRealizeCarryTheDevice(String setting, String text) {
    for (QemuProfile profile : QemuProfile.values()) {
      assertThat(refused(profile, "host=1:0.0", setting)).isEqualTo("vfio 0000:01:00.0: " + text);
    }
    assertThat(refused(QemuProfile.V8_2, "host=1:0.0", "xres=1", "x-pci-device-id=65536"))
        .endsWith("invalid PCI device ID provided");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "display=on | vfio: device doesn't support any (known) display method",
        "xres=1 | xres and yres properties require display=on",
        "yres=1 | xres and yres properties require display=on"
      })
  void R_OBS_168_aPciFunctionHasNoDisplay(String setting, String text) {
    VfioPciDevice function = TestVm.ok(TestVm.of(QemuProfile.V11_1).create("host=1:0.0", setting));
    assertThat(function.refusesDisplay().map(QemuError::text))
        .contains("vfio 0000:01:00.0: " + text);
  }

  /** Graphics cards have a VGA region; whether this function does, nobody says. */
  @Test
  void R_OBS_168_aFunctionMayHaveVga() {
    assertThat(TestVm.of(QemuProfile.V11_1).create("host=1:0.0", "x-vga=on"))
        .isInstanceOf(Result.Ok.class);
  }

  @Test
  void R_OBS_168_aMediatedDeviceMayHaveADisplay() {
    String uuid = "sysfsdev=/sys/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
    for (String setting : new String[] {"display=on", "x-vga=on", "display=auto"}) {
      VfioPciDevice mediated = TestVm.ok(TestVm.of(QemuProfile.V11_1).create(uuid, setting));
      assertThat(mediated.refusesDisplay()).isEmpty();
    }
  }

  @Test
  void R_OBS_168_aFileDescriptorNeedsIommufd() {
    assertThat(refused(QemuProfile.V11_1, "fd=9"))
        .isEqualTo("Use FD passing only with iommufd backend");
    TestVm.ok(TestVm.of(QemuProfile.V11_1).create("fd=9", "iommufd=i0"));
  }

  @Test
  void R_PROP_24_valuesThatAreFine() {
    TestVm vm = TestVm.of(QemuProfile.V8_2);
    TestVm.ok(
        vm.create(
            "host=1:0.0",
            "x-pci-vendor-id=0xffffffff",
            "x-pci-device-id=0xffff",
            "xres=1",
            "display=on",
            "x-nv-gpudirect-clique=15"));
  }

  @Test
  void R_PROP_8a_theCliqueIsRefusedWhileParsing() {
    assertThat(refused(QemuProfile.V8_2, "x-nv-gpudirect-clique=16", "x-balloon-allowed=on"))
        .isEqualTo("Property x-nv-gpudirect-clique: valid range 0-15");
  }

  @Test
  void R_PROP_25_and_R_PROP_27_theFramebuffer() {
    TestVm vm = TestVm.of(QemuProfile.V10_2);
    for (String[] row :
        List.of(
            new String[] {"ramfb=on", "ramfb=on requires display=on"},
            new String[] {"x-ramfb-migrate=on", "x-ramfb-migrate requires enable-migration"})) {
      var values =
          TestVm.ok(
              new VfioPciNoHotplugProvider()
                  .properties(QemuProfile.V10_2)
                  .read(TestVm.settings("host=1:0.0", "enable-migration=off", row[0])));
      assertThat(
              TestVm.failed(
                      vm.vfio.create(
                          Optional.empty(),
                          new PciAddress("pcie.0", 1, 0),
                          values,
                          HostDevice.CAPABLE))
                  .text())
          .isEqualTo("vfio 0000:01:00.0: " + row[1]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "host=01:00.0, 0000:01:00.0",
    "host=1:A.7, 0000:01:0a.7",
    "host=12:01:00.0, 0012:01:00.0",
    "host=FFFF:ff:1f.7, ffff:ff:1f.7",
    "sysfsdev=/sys/bus/pci/devices/0000:05:00.1, 0000:05:00.1",
    "sysfsdev=/sys/devices/x//, x",
    "sysfsdev=plain, plain",
    "sysfsdev=///, ''",
    "sysfsdev=/x, x",
    "fd=7, VFIO_FD7"
  })
  void R_PROP_7_namesOfDevices(String setting, String name) {
    assertThat(VfioPciDevice.nameOf(TestVm.of(QemuProfile.V10_2).values(setting))).contains(name);
  }

  @Test
  void sysfsdevWinsOverHost() {
    assertThat(
            VfioPciDevice.nameOf(TestVm.of(QemuProfile.V8_2).values("host=1:0.0", "sysfsdev=/a/b")))
        .contains("b");
  }

  @Test
  void moduleAndServiceFileNameTheSameProviders() throws URISyntaxException {
    Path classes =
        Path.of(VfioPciProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module = ModuleFinder.of(classes).findAll().iterator().next().descriptor();
    List<Class<?>> services =
        List.of(DeviceTypeProvider.class, DirtyTrackerProvider.class, MemoryListenerProvider.class);
    assertThat(module.provides())
        .extracting(ModuleDescriptor.Provides::service)
        .containsExactlyInAnyOrderElementsOf(services.stream().map(Class::getName).toList());
    for (ModuleDescriptor.Provides provides : module.provides()) {
      Class<?> service =
          services.stream()
              .filter(one -> one.getName().equals(provides.service()))
              .findFirst()
              .orElseThrow();
      List<String> providers =
          ServiceLoader.load(service).stream().map(found -> found.type().getName()).toList();
      assertThat(provides.providers()).isNotEmpty().containsExactlyInAnyOrderElementsOf(providers);
    }
  }
}
