package io.github.stopcopy.viommu.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VirtioIommuProviderTest {

  private static String describe(PropertySchema schema, String name) {
    PropertyDefinition property = schema.definition(name).orElseThrow();
    return property.type().label() + property.defaultValue().map(value -> " " + value).orElse("");
  }

  @ParameterizedTest
  @EnumSource
  void R_VIO_40_properties(QemuProfile profile) {
    PropertySchema schema = new VirtioIommuProvider().properties(profile);
    assertThat(describe(schema, "boot-bypass")).isEqualTo("bool true");
    assertThat(describe(schema, "primary-bus")).isEqualTo("string");
    assertThat(describe(schema, "disable-legacy")).isEqualTo("OnOffAuto AUTO");
    assertThat(schema.definitions())
        .extracting(PropertyDefinition::name)
        .contains(
            "addr", "romfile", "disable-modern", "iommu_platform", "ats", "packed", "event_idx");
    if (profile.isFrom(QemuProfile.V9_0)) {
      assertThat(describe(schema, "granule")).isEqualTo("4k/8k/16k/64k/host host");
      assertThat(describe(schema, "aw-bits")).isEqualTo("uint8 64");
    } else {
      assertThat(schema.definition("granule")).isEmpty();
      assertThat(schema.definition("aw-bits")).isEmpty();
    }
  }

  @Test
  void moduleAndServiceFileNameTheSameProvider() throws URISyntaxException {
    Path classes =
        Path.of(
            VirtioIommuProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module = ModuleFinder.of(classes).findAll().iterator().next().descriptor();
    assertThat(module.provides())
        .singleElement()
        .satisfies(provides -> {
          assertThat(provides.service()).isEqualTo(VirtualIommuProvider.class.getName());
          assertThat(provides.providers()).containsExactly(VirtioIommuProvider.class.getName());
        });
    assertThat(ServiceLoader.load(VirtualIommuProvider.class))
        .hasExactlyElementsOfTypes(VirtioIommuProvider.class)
        .extracting(VirtualIommuProvider::name)
        .containsExactly("virtio-iommu-pci");
  }
}
