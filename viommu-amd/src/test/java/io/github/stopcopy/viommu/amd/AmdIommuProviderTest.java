package io.github.stopcopy.viommu.amd;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class AmdIommuProviderTest {

  private static List<String> properties(QemuProfile profile) {
    List<String> all = new ArrayList<>();
    for (PropertyDefinition property : new AmdIommuProvider().properties(profile).definitions()) {
      all.add(
          property.name()
              + " "
              + property.type().label()
              + property.defaultValue().map(value -> " " + value).orElse(""));
    }
    return all;
  }

  @Test
  void R_VIO_30_properties() {
    List<String> base =
        List.of("intremap OnOffAuto AUTO", "device-iotlb bool false", "pt bool true");
    assertThat(properties(QemuProfile.V8_2)).isEqualTo(base);
    assertThat(properties(QemuProfile.V8_1_IOMMU_PT)).isEqualTo(base);
    List<String> more = new ArrayList<>(base);
    more.addAll(
        List.of(
            "dma-translation bool true",
            "xtsup bool false",
            "pci-id string",
            "dma-remap bool false"));
    assertThat(properties(QemuProfile.V10_2)).isEqualTo(more);
    assertThat(properties(QemuProfile.V11_0)).isEqualTo(more);
  }

  @Test
  void moduleAndServiceFileNameTheSameProvider() throws URISyntaxException {
    Path classes =
        Path.of(AmdIommuProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module = ModuleFinder.of(classes).findAll().iterator().next().descriptor();
    assertThat(module.provides())
        .singleElement()
        .satisfies(provides -> {
          assertThat(provides.service()).isEqualTo(VirtualIommuProvider.class.getName());
          assertThat(provides.providers()).containsExactly(AmdIommuProvider.class.getName());
        });
    assertThat(ServiceLoader.load(VirtualIommuProvider.class))
        .hasExactlyElementsOfTypes(AmdIommuProvider.class)
        .extracting(VirtualIommuProvider::name)
        .containsExactly("amd-iommu");
  }
}
