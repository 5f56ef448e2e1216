package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.scenario.StepAnswer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What makes QEMU end at its start, in its words, as 10.0.13 and 11.1.3 do. */
class StartAnswersTest {

  private static final QemuProfile NEWEST = QemuProfile.V11_1;

  private static List<String> errors(QemuProfile profile, VmConfig vm) throws Exception {
    StepAnswer answer = last(play(profile, vm));
    if (!answer.errors().isEmpty()) {
      assertThat(answer.exitCode()).hasValue(1);
    }
    return answer.errors();
  }

  private static VmConfig with(ObjectConfig object, DeviceConfig... devices) {
    return q35().object(object).devices(List.of(devices)).build();
  }

  private static ObjectConfig backend() {
    return new ObjectConfig("memory-backend-ram", "m1", Map.of("size", "1G"));
  }

  @Test
  void R_OBS_127_anOptionThatQemuRefusesEndsItBeforeAnythingIsMade() throws Exception {
    VmConfig vm =
        q35()
            .refusedOption(QemuError.of("Duplicate ID 'v1' for device").withHint("a hint"))
            .refusedOption(QemuError.of("a later one"))
            .devices(List.of(device("no-such-bus", "d", "bus=nowhere"), vfio(A, "nonsense=1")))
            .build();

    assertThat(errors(NEWEST, vm)).containsExactly("Duplicate ID 'v1' for device", "a hint");
    Verdict verdict = verdict(TestVm.scenario(NEWEST, vm, HostFacts.CAPABLE, TestVm.migrate()));
    assertThat(verdict.kind()).isEqualTo(VerdictKind.REFUSED);
    assertThat(verdict.reasons())
        .singleElement()
        .extracting(Reason::code)
        .isEqualTo("INVALID_CONFIGURATION");
  }

  @Test
  void R_OBS_127_anIdOfTwoDevicesIsRefusedWithTheSecondBehindItsBus() throws Exception {
    DeviceConfig first = device("vfio-pci", "v1", "host=" + A);
    assertThat(errors(NEWEST, q35(first, device("vfio-pci", "v1", "host=" + B, "nonsense=1"))))
        .containsExactly("Duplicate device ID 'v1'");
    assertThat(errors(NEWEST, q35(first, device("e1000", "v1"))))
        .containsExactly("Duplicate device ID 'v1'");
    assertThat(errors(NEWEST, q35(first, device("vfio-pci", "v1", "host=" + B, "bus=nowhere"))))
        .containsExactly("Bus 'nowhere' not found");
  }

  @Test
  void R_OBS_128_onlyTheNewestReleaseLooksAtTheFormOfAnId() throws Exception {
    VmConfig vm = q35(device("vfio-pci", "1x", "host=" + A));
    assertThat(errors(NEWEST, vm)).containsExactly("Invalid qdev ID '1x'");
    assertThat(errors(QemuProfile.V10_0, vm)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "fd0,     Device 'fd0' not found",
    "m1,      'Invalid parameter type for ''iommufd'', expected: iommufd'",
  })
  void R_OBS_118_aDeviceNamesAnIommufdThatIsThere(String id, String text) throws Exception {
    for (String settings : List.of("iommufd=" + id + " nonsense=1", "nonsense=1 iommufd=" + id)) {
      VmConfig vm = with(backend(), vfio(A, settings.split(" ")));
      assertThat(errors(NEWEST, vm)).containsExactly(text);
      assertThat(errors(QemuProfile.V10_0, vm)).containsExactly(text);
      assertThat(errors(QemuProfile.V8_2, vm))
          .singleElement()
          .asString()
          .startsWith("Property 'vfio-pci.");
    }
  }

  @Test
  void R_OBS_118_anEmptyNameIsNoneAndADefaultForAllNamesOneToo() throws Exception {
    assertThat(errors(NEWEST, q35(vfio(A, "iommufd=")))).isEmpty();
    VmConfig vm =
        q35()
            .global(new GlobalProperty("vfio-pci", PropertySetting.of("iommufd", "x")))
            .devices(List.of(vfio(A)))
            .build();
    assertThat(errors(NEWEST, vm))
        .containsExactly("can't apply global vfio-pci.iommufd=x: Device 'x' not found");
  }

  @Test
  void R_OBS_171_sharedMemoryNeedsABackendOfItsOwn() throws Exception {
    DeviceConfig without =
        new DeviceConfig("ivshmem-plain", Optional.empty(), Optional.empty(), List.of());
    DeviceConfig with =
        new DeviceConfig(
            "ivshmem-plain",
            Optional.empty(),
            Optional.empty(),
            List.of(PropertySetting.of("memdev", "m")));
    ObjectConfig object = new ObjectConfig("memory-backend-ram", "m", Map.of("size", "4M"));
    assertThat(errors(NEWEST, q35(without))).containsExactly("You must specify a 'memdev'");
    assertThat(errors(NEWEST, q35(with))).containsExactly("Device 'm' not found");
    assertThat(errors(NEWEST, q35().object(object).devices(List.of(with)).build())).isEmpty();
    assertThat(errors(NEWEST, q35().object(object).devices(List.of(with, with)).build()))
        .containsExactly("can't use already busy memdev: m");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pc-dimm                          | 'memdev' property must be set",
        "virtio-mem-pci                   | 'memdev' property must be set",
        "virtio-pmem-pci                  | 'memdev' property must be set",
        "pc-dimm,memdev=gone              | Device 'gone' not found",
        "virtio-mem-pci,memdev=gone       | Device 'gone' not found",
        "pc-dimm,memdev=fd                | Invalid parameter type for 'memdev', expected:"
            + " memory-backend",
        "pc-dimm,memdev=used              | can't use already busy memdev: used",
        "virtio-mem-pci,memdev=used       | 'memdev' property specifies a busy memdev: used",
      })
  void R_OBS_18_aMemoryDeviceNeedsABackendOfItsOwn(String option, String text) throws Exception {
    List<String> words = List.of(option.strip().split(","));
    VmConfig vm =
        q35()
            .object(new ObjectConfig("iommufd", "fd", Map.of()))
            .object(new ObjectConfig("memory-backend-ram", "used", Map.of("size", "1G")))
            .devices(
                List.of(
                    device("pc-dimm", "first", "memdev=used"),
                    device(
                        words.get(0), "d0", words.subList(1, words.size()).toArray(String[]::new))))
            .build();

    assertThat(errors(NEWEST, vm)).containsExactly(text);
  }

  @Test
  void R_OBS_124_theSlotIsLookedForBeforeTheBackend() throws Exception {
    VmConfig vm = q35().hotplugMemory(0, 10 * TestVm.GIB).build();
    assertThat(errors(NEWEST, vm.withDevices(List.of(device("pc-dimm", "d0")))))
        .containsExactly("no slots where allocated, please specify the 'slots' option");
    assertThat(errors(NEWEST, vm.withDevices(List.of(device("pc-dimm", "d0", "memdev=gone")))))
        .containsExactly("Device 'gone' not found");
  }

  @Test
  void R_VIO_2_aPcHasOneVIommu() throws Exception {
    assertThat(errors(NEWEST, q35(intel(), device("frozen-iommu", ""))))
        .containsExactly("QEMU does not support multiple vIOMMUs for x86 yet.");
    assertThat(errors(NEWEST, q35(intel(), intel("nonsense=1"))))
        .containsExactly("Property 'intel-iommu.nonsense' not found");
  }
}
