package io.github.stopcopy.core.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.error.Result;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Reading the settings of a device, and asking for the values (R-PROP-9, R-PROP-11). */
class PropertySchemaTest {

  private final PropertySchema schema =
      new PropertySchema(
          "vfio-pci",
          List.of(
              PropertyDefinition.bool("x-no-mmap", false, "never map BARs"),
              PropertyDefinition.onOffAuto("enable-migration", OnOffAuto.AUTO, "migrate"),
              PropertyDefinition.unsigned("xres", 32, 640, "width"),
              PropertyDefinition.text("sysfsdev", "path"),
              PropertyDefinition.unset("clique", new PropertyType.Unsigned(8), "clique")));

  private PropertyValues ok(PropertySetting... settings) {
    return ((Result.Ok<PropertyValues>) schema.read(List.of(settings))).value();
  }

  private String failed(PropertySetting... settings) {
    return ((Result.Failed<PropertyValues>) schema.read(List.of(settings))).error().text();
  }

  @Test
  void defaultsFillWhatIsNotGiven() {
    PropertyValues values = ok();
    assertThat(values.bool("x-no-mmap")).isFalse();
    assertThat(values.onOffAuto("enable-migration")).isEqualTo(OnOffAuto.AUTO);
    assertThat(values.number("xres")).isEqualTo(640);
    assertThat(values.text("sysfsdev")).isEmpty();
    assertThat(values.isGiven("xres")).isFalse();
    assertThat(values.has("xres")).isTrue();
    assertThat(values.has("yres")).isFalse();
  }

  @Test
  void givenValuesWin() {
    PropertyValues values =
        ok(
            PropertySetting.of("xres", "0x10"),
            PropertySetting.of("sysfsdev", "/sys/x"),
            PropertySetting.of("x-no-mmap", "on"),
            PropertySetting.of("enable-migration", "on"));
    assertThat(values.number("xres")).isEqualTo(16);
    assertThat(values.text("sysfsdev")).contains("/sys/x");
    assertThat(values.bool("x-no-mmap")).isTrue();
    assertThat(values.onOffAuto("enable-migration")).isEqualTo(OnOffAuto.ON);
    assertThat(values.isGiven("xres")).isTrue();
  }

  @Test
  void R_PROP_9_anUnknownPropertyIsNamedWithItsDevice() {
    assertThat(failed(PropertySetting.of("foo", "1")))
        .isEqualTo("Property 'vfio-pci.foo' not found");
    assertThat(failed(PropertySetting.of("Sysfsdev", "1")))
        .isEqualTo("Property 'vfio-pci.Sysfsdev' not found");
  }

  @Test
  void R_PROP_11_theLastOfARepeatedKeyWins() {
    assertThat(ok(PropertySetting.of("xres", "1"), PropertySetting.of("xres", "2")).number("xres"))
        .isEqualTo(2);
    assertThat(
            ok(PropertySetting.of("xres", "bad"), PropertySetting.of("xres", "2")).number("xres"))
        .isEqualTo(2);
    assertThat(failed(PropertySetting.of("xres", "1"), PropertySetting.of("xres", "bad")))
        .isEqualTo("Parameter 'xres' expects integer");
  }

  @Test
  void R_PROP_11_oneErrorIsReportedTheFirstGiven() {
    assertThat(failed(PropertySetting.of("x-no-mmap", "2"), PropertySetting.of("foo", "1")))
        .isEqualTo("Parameter 'x-no-mmap' expects 'on' or 'off'");
  }

  @Test
  void aNameIsDefinedOnce() {
    PropertyDefinition one = PropertyDefinition.text("a", "one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PropertySchema("d", List.of(one, one)))
        .withMessageContaining("a=");
  }

  @Test
  void definitionsKeepTheirOrder() {
    assertThat(schema.definitions())
        .extracting(PropertyDefinition::name)
        .containsExactly("x-no-mmap", "enable-migration", "xres", "sysfsdev", "clique");
    assertThat(schema.definition("xres"))
        .map(PropertyDefinition::defaultValue)
        .contains(Optional.of(640L));
    assertThat(schema.device()).isEqualTo("vfio-pci");
  }

  @Test
  void askingForWhatTheReleaseDoesNotHave() {
    PropertyValues values = ok();
    assertThat(values.bool("x-migration-iommu-pt")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> values.number("x-migration-iommu-pt"))
        .withMessage("vfio-pci has no property x-migration-iommu-pt");
    assertThatIllegalArgumentException().isThrownBy(() -> values.text("nope"));
    assertThatIllegalArgumentException().isThrownBy(() -> values.onOffAuto("nope"));
  }

  @Test
  void askingForAnotherTypeSaysWhichItIs() {
    PropertyValues values = ok(PropertySetting.of("sysfsdev", "/sys/x"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> values.number("x-no-mmap"))
        .withMessage("vfio-pci property x-no-mmap is a bool, not a Long");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> values.bool("sysfsdev"))
        .withMessage("vfio-pci property sysfsdev is a string, not a Boolean");
  }

  @Test
  void askingForANumberThatIsUnsetSaysSo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ok().number("clique"))
        .withMessage("vfio-pci property clique is not set");
    assertThat(ok(PropertySetting.of("clique", "3")).number("clique")).isEqualTo(3);
  }

  @Test
  void settingIsReadFromNameAndValue() {
    assertThat(PropertySetting.parse("intremap=on"))
        .isEqualTo(PropertySetting.of("intremap", "on"));
    assertThat(PropertySetting.parse("intremap")).isEqualTo(PropertySetting.of("intremap", "on"));
    assertThat(PropertySetting.parse("x=a=b")).isEqualTo(PropertySetting.of("x", "a=b"));
    assertThat(PropertySetting.parse("x=")).isEqualTo(PropertySetting.of("x", ""));
  }
}
