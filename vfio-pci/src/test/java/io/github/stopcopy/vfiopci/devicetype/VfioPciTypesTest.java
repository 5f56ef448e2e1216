package io.github.stopcopy.vfiopci.devicetype;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import org.junit.jupiter.api.Test;

/** What tells the two device types of VFIO apart: names, properties, and who may be plugged. */
class VfioPciTypesTest {

  private static final DeviceTypeProvider PLAIN = new VfioPciProvider();
  private static final DeviceTypeProvider NO_HOTPLUG = new VfioPciNoHotplugProvider();

  private static boolean has(DeviceTypeProvider type, QemuProfile profile, String property) {
    return type.properties(profile).definition(property).isPresent();
  }

  @Test
  void theirNamesAreThoseOfTheCommandLine() {
    assertThat(PLAIN.name()).isEqualTo("vfio-pci");
    assertThat(NO_HOTPLUG.name()).isEqualTo("vfio-pci-nohotplug");
  }

  @Test
  void onlyOneOfThemCanBePluggedWhileTheVmRuns() {
    assertThat(PLAIN.hotpluggable()).isTrue();
    assertThat(NO_HOTPLUG.hotpluggable()).isFalse();
  }

  @Test
  void R_PROP_9_aFramebufferForTheBootHasOnlyTheTypeWithoutHotplug() {
    assertThat(has(NO_HOTPLUG, QemuProfile.V8_1, "ramfb")).isTrue();
    assertThat(has(PLAIN, QemuProfile.V8_1, "ramfb")).isFalse();
    assertThat(has(NO_HOTPLUG, QemuProfile.V8_1, "x-ramfb-migrate")).isFalse();
    assertThat(has(NO_HOTPLUG, QemuProfile.V8_2, "x-ramfb-migrate")).isTrue();
    assertThat(has(PLAIN, QemuProfile.V8_2, "x-ramfb-migrate")).isFalse();
  }

  @Test
  void R_PROP_9_whatConcernsMigrationHaveBoth() {
    assertThat(has(PLAIN, QemuProfile.V10_2, "enable-migration")).isTrue();
    assertThat(has(NO_HOTPLUG, QemuProfile.V10_2, "enable-migration")).isTrue();
  }

  @Test
  void R_PROP_9_aSchemaIsThatOfItsTypeInEachRelease() {
    for (QemuProfile profile : QemuProfile.values()) {
      assertThat(schema(true, profile).definition("ramfb")).isEmpty();
      assertThat(schema(false, profile).definition("ramfb")).isPresent();
      assertThat(schema(false, profile).device()).isEqualTo("some-type");
    }
  }

  private static PropertySchema schema(boolean hotpluggable, QemuProfile profile) {
    return VfioPciSchema.byRelease("some-type", hotpluggable).get(profile);
  }
}
