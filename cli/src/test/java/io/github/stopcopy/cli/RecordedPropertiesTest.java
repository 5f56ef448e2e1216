package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.core.property.PropertyValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The properties that the binaries list (R-OBS-105): every one of either release is accepted or
 * refused in each release as it is there.
 */
class RecordedPropertiesTest {

  private static final List<QemuProfile> RECORDED = List.of(QemuProfile.V10_0, QemuProfile.V11_1);
  private static final List<String> DEVICES =
      List.of("vfio-pci", "vfio-pci-nohotplug", "intel-iommu", "amd-iommu", "virtio-iommu-pci");

  /** A row of {@code device-list-properties}. */
  private record Listed(String type, String defaultValue) {}

  @TestFactory
  Stream<DynamicTest> R_OBS_105_everyPropertyIsThereAsListed() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (String device : DEVICES) {
      Set<String> names = new LinkedHashSet<>();
      for (QemuProfile profile : RECORDED) {
        names.addAll(listed(device, profile).keySet());
      }
      for (QemuProfile profile : RECORDED) {
        Map<String, Listed> here = listed(device, profile);
        PropertySchema schema = schema(device, profile);
        for (String name : names) {
          tests.add(
              DynamicTest.dynamicTest(
                  profile + " " + device + "." + name,
                  () -> check(schema, name, Optional.ofNullable(here.get(name)))));
        }
        tests.add(
            DynamicTest.dynamicTest(
                profile + " " + device + " has no others",
                () ->
                    assertThat(schema.definitions())
                        .extracting(PropertyDefinition::name)
                        .containsExactlyInAnyOrderElementsOf(here.keySet())));
      }
    }
    return tests.stream();
  }

  private static void check(PropertySchema schema, String name, Optional<Listed> listed) {
    Optional<PropertyDefinition> known = schema.definition(name);
    if (listed.isEmpty()) {
      assertThat(refusal(schema, name, "on"))
          .contains("Property '" + schema.device() + "." + name + "' not found");
      assertThat(schema.existsIn(name)).isNotEmpty();
      return;
    }
    PropertyDefinition definition = known.orElseThrow();
    String type = listed.get().type();
    if (List.of("bool", "uint8", "uint16", "uint32", "int32", "size", "OnOffAuto").contains(type)) {
      assertThat(definition.type().label()).isEqualTo(type);
      String value = listed.get().defaultValue();
      assertThat(definition.defaultValue().map(found -> text(definition, found)).orElse(""))
          .isEqualTo(value);
      if (!value.isEmpty()) {
        assertThat(refusal(schema, name, value)).isEmpty();
      }
    } else if (definition.type() instanceof PropertyType.ReadOnly) {
      assertThat(refusal(schema, name, "1"))
          .contains("Property '" + schema.device() + "." + name + "' is not writable");
    }
  }

  private static String text(PropertyDefinition definition, Object value) {
    if (value instanceof Boolean on) {
      return on ? "on" : "off";
    }
    if (value instanceof OnOffAuto choice) {
      return choice.name().toLowerCase(java.util.Locale.ROOT);
    }
    boolean signed = definition.type() instanceof PropertyType.Signed;
    return signed ? value.toString() : Long.toUnsignedString((Long) value);
  }

  private static Optional<String> refusal(PropertySchema schema, String name, String value) {
    Result<PropertyValues> result = schema.read(List.of(PropertySetting.of(name, value)));
    return result instanceof Result.Failed<PropertyValues> failed
        ? Optional.of(failed.error()).map(QemuError::text)
        : Optional.empty();
  }

  private static PropertySchema schema(String device, QemuProfile profile) throws InputException {
    Plugins plugins = Plugins.load();
    return plugins
        .deviceTypes()
        .find(device)
        .map(provider -> provider.properties(profile))
        .or(() -> plugins.virtualIommus().find(device).map(found -> found.properties(profile)))
        .orElseThrow();
  }

  private static Map<String, Listed> listed(String device, QemuProfile profile) throws IOException {
    Map<String, Listed> rows = new LinkedHashMap<>();
    try (InputStream in =
        RecordedPropertiesTest.class.getResourceAsStream("/properties/" + profile + ".tsv")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().skip(1).toList()) {
        String[] cells = line.split("\t", -1);
        if (cells[0].equals(device)) {
          rows.put(cells[1], new Listed(cells[2], cells[3]));
        }
      }
    }
    return rows;
  }
}
