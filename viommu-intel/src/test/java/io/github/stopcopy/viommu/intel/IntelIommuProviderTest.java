package io.github.stopcopy.viommu.intel;

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

class IntelIommuProviderTest {

  private static final List<String> OF_8_1 =
      List.of(
          "intremap OnOffAuto AUTO",
          "device-iotlb bool false",
          "pt bool true",
          "dma-translation bool true",
          "version uint32 0",
          "eim OnOffAuto AUTO",
          "x-buggy-eim bool false",
          "aw-bits uint8 39",
          "caching-mode bool false",
          "x-scalable-mode bool false",
          "x-pasid-mode bool false",
          "snoop-control bool false",
          "dma-drain bool true");

  private static List<String> properties(QemuProfile profile) {
    List<String> all = new ArrayList<>();
    for (PropertyDefinition property : new IntelIommuProvider().properties(profile).definitions()) {
      all.add(
          property.name()
              + " "
              + property.type().label()
              + " "
              + property.defaultValue().orElseThrow());
    }
    return all;
  }

  @Test
  void R_VIO_1_propertiesOf81() {
    assertThat(properties(QemuProfile.V8_2)).isEqualTo(OF_8_1);
    assertThat(properties(QemuProfile.V8_1_IOMMU_PT)).isEqualTo(OF_8_1);
  }

  @Test
  void R_VIO_1_propertiesOf102() {
    List<String> expected = new ArrayList<>(OF_8_1);
    expected.replaceAll(property -> property.replace("aw-bits uint8 39", "aw-bits uint8 48"));
    expected.addAll(List.of("x-flts bool false", "stale-tm bool false", "fs1gp bool true"));
    assertThat(properties(QemuProfile.V10_2)).isEqualTo(expected);
    expected.remove("x-buggy-eim bool false");
    expected.add("svm bool false");
    assertThat(properties(QemuProfile.V11_0)).isEqualTo(expected);
  }

  @Test
  void moduleAndServiceFileNameTheSameProvider() throws URISyntaxException {
    Path classes =
        Path.of(
            IntelIommuProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module = ModuleFinder.of(classes).findAll().iterator().next().descriptor();
    assertThat(module.provides())
        .singleElement()
        .satisfies(provides -> {
          assertThat(provides.service()).isEqualTo(VirtualIommuProvider.class.getName());
          assertThat(provides.providers()).containsExactly(IntelIommuProvider.class.getName());
        });
    assertThat(ServiceLoader.load(VirtualIommuProvider.class))
        .hasExactlyElementsOfTypes(IntelIommuProvider.class)
        .extracting(VirtualIommuProvider::name)
        .containsExactly("intel-iommu");
  }
}
