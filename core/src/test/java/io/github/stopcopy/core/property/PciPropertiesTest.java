package io.github.stopcopy.core.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The properties every PCI device inherits, and sizes outside of properties. */
class PciPropertiesTest {

  private final PropertySchema schema =
      PropertySchema.of("e1000", QemuProfile.newest(), PciProperties.common());

  @ParameterizedTest
  @CsvSource({
    "05.0, 40",
    "5, 40",
    "0, 0",
    "00.0, 0",
    "0x1c.0, 224",
    "0X1C.0, 224",
    "1f.7, 255",
    "0x3, 24",
    "1F, 248",
    "a.1, 81",
    "0x2.0x3, 19",
    "2.0X7, 23"
  })
  void devfnIsSlotTimes8PlusFunction(String addr, int devfn) {
    assertThat(PciProperties.devfn(addr)).contains(devfn);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20", "20.0", "-1", "", ".", "5.", ".0", "5.8", "5.0.0", "0x", "005", "5.0x", "5.0x8",
        "5.x1", "g", "5.0 ", " 5", "00:05.0", "\u0665"
      })
  void whatNamesNoSlotGivesNoDevfn(String addr) {
    assertThat(PciProperties.devfn(addr)).isEmpty();
  }

  @Test
  void aPlaceInTheBootOrderIsForThoseThatCanBeBootedFrom() {
    assertThat(schema.definition("bootindex")).isEmpty();
    assertThat(PciProperties.BOOTINDEX.name()).isEqualTo("bootindex");
  }

  @Test
  void addrIsReadWithTheSameRules() {
    assertThat(addr("05.0")).isEqualTo("05.0");
    assertThat(addr("0x1C.0")).isEqualTo("0x1c.0");
    assertThat(addr("-1")).isEqualTo("-1");
    assertThat(addr("20")).isEqualTo("Property 'e1000.addr' doesn't take value '20'");
  }

  private String addr(String text) {
    Result<PropertyValues> result = schema.read(List.of(PropertySetting.of("addr", text)));
    return result instanceof Result.Ok<PropertyValues> ok
        ? ok.value().text("addr").orElseThrow()
        : ((Result.Failed<PropertyValues>) result).error().text();
  }

  @Test
  void R_PROP_6_aNumberWithoutSuffixHasTheDefaultUnit() {
    assertThat(SizeText.parse("128", 'M')).contains(128L << 20);
    assertThat(SizeText.parse("1.5", 'G')).contains(3L << 29);
    assertThat(SizeText.parse("512K", 'M')).contains(512L << 10);
    assertThat(SizeText.parse("1B", 'M')).contains(1L);
    assertThat(SizeText.parse("0x10", 'M')).contains(16L << 20);
    assertThat(SizeText.parse("17179869184", 'G')).isEmpty();
    assertThat(SizeText.parse("1." + "0".repeat(100) + "G", 'M')).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SizeText.parse("1", 'x'))
        .withMessage("no unit 'x', expected one of BKMGTPE");
  }

  @Test
  void readingDoesNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      assertThat(SizeText.parse("1M", 'b')).contains(1L << 20);
      assertThat(addr("0X1C.0")).isEqualTo("0x1c.0");
    } finally {
      Locale.setDefault(before);
    }
  }
}
