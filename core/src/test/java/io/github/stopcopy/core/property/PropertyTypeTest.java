package io.github.stopcopy.core.property;

import static io.github.stopcopy.core.property.PropertyInputs.bool;
import static io.github.stopcopy.core.property.PropertyInputs.error;
import static io.github.stopcopy.core.property.PropertyInputs.number;
import static io.github.stopcopy.core.property.PropertyInputs.string;
import static io.github.stopcopy.core.property.PropertyInputs.text;
import static io.github.stopcopy.core.property.PropertyInputs.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How each type of property reads and refuses values (R-PROP-1 .. R-PROP-8). */
class PropertyTypeTest {

  private static final PropertyType BOOL = new PropertyType.Bool();
  private static final PropertyType SWITCH = new PropertyType.Switch();
  private static final PropertyType CHOICE =
      new PropertyType.Choice(List.of("off", "auto", "bar0", "bar5"));
  private static final PropertyType UINT8 = new PropertyType.Unsigned(8);
  private static final PropertyType UINT16 = new PropertyType.Unsigned(16);
  private static final PropertyType UINT32 = new PropertyType.Unsigned(32);
  private static final PropertyType UINT64 = new PropertyType.Unsigned(64);
  private static final PropertyType SIZE = new PropertyType.Size();
  private static final PropertyType UUID =
      new PropertyType.Formatted(
          "UUID", Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|auto"));

  @Test
  void R_PROP_1_in8_1DeviceAddTurnsScalarsIntoText() {
    assertThat(bool(true).asText().text()).isEqualTo("on");
    assertThat(bool(false).asText().text()).isEqualTo("off");
    assertThat(number(-7).asText().text()).isEqualTo("-7");
    assertThat(string("x").asText().text()).isEqualTo("x");
    PropertyInput.Text already = text("y");
    assertThat(already.asText()).isSameAs(already);
  }

  @ParameterizedTest
  @CsvSource({
    "on,true",
    "yes,true",
    "true,true",
    "y,true",
    "off,false",
    "no,false",
    "false,false",
    "n,false"
  })
  void R_PROP_2_boolWords(String word, boolean expected) {
    assertThat(value(BOOL, text(word))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"On", "TRUE", "1", "0", "", " on", "on ", "auto", "enable"})
  void R_PROP_2_noOtherWord(String word) {
    assertThat(error(BOOL, text(word))).isEqualTo("Parameter 'p' expects 'on' or 'off'");
  }

  @Test
  void R_PROP_2_jsonTakesOnlyTrueAndFalse() {
    assertThat(value(BOOL, bool(true))).isEqualTo(true);
    assertThat(value(BOOL, bool(false))).isEqualTo(false);
    String refused = "Invalid parameter type for 'p', expected: boolean";
    assertThat(error(BOOL, string("on"))).isEqualTo(refused);
    assertThat(error(BOOL, number(1))).isEqualTo(refused);
  }

  @Test
  void R_PROP_3_onOffAutoWordsInBothSyntaxes() {
    assertThat(value(SWITCH, text("on"))).isEqualTo(OnOffAuto.ON);
    assertThat(value(SWITCH, text("off"))).isEqualTo(OnOffAuto.OFF);
    assertThat(value(SWITCH, string("auto"))).isEqualTo(OnOffAuto.AUTO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "true", "y", "Auto", "", "on "})
  void R_PROP_3_noOtherWord(String word) {
    String refused = "Parameter 'p' does not accept value '" + word + "'";
    assertThat(error(SWITCH, text(word))).isEqualTo(refused);
    assertThat(error(SWITCH, string(word))).isEqualTo(refused);
  }

  @Test
  void R_PROP_3_jsonBooleansAreRefused() {
    String refused = "Invalid parameter type for 'p', expected: string";
    assertThat(error(SWITCH, bool(true))).isEqualTo(refused);
    assertThat(error(SWITCH, number(1))).isEqualTo(refused);
  }

  @Test
  void R_PROP_3_internalOrderIsAutoOnOff() {
    assertThat(OnOffAuto.values()).containsExactly(OnOffAuto.AUTO, OnOffAuto.ON, OnOffAuto.OFF);
  }

  @Test
  void R_PROP_4_enumsTakeTheirWordsOnly() {
    assertThat(value(CHOICE, text("bar5"))).isEqualTo("bar5");
    assertThat(value(CHOICE, string("off"))).isEqualTo("off");
    assertThat(error(CHOICE, text("bar6"))).isEqualTo("Parameter 'p' does not accept value 'bar6'");
    assertThat(error(CHOICE, string("BAR0")))
        .isEqualTo("Parameter 'p' does not accept value 'BAR0'");
    assertThat(error(CHOICE, bool(true)))
        .isEqualTo("Invalid parameter type for 'p', expected: string");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "1100,1100",
    "0x10,16",
    "0XfF,255",
    "010,8",
    "00,0",
    "+5,5",
    "-0,0",
    "4294967295,4294967295",
    "0xffffffff,4294967295",
    "037777777777,4294967295"
  })
  void R_PROP_5_cStyleIntegers(String text, long expected) {
    assertThat(value(UINT32, text(text))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        "0x",
        "08",
        "1.5",
        "1k",
        "5 ",
        "0x1g",
        "--1",
        "-",
        "1,2",
        "\u0661",
        "18446744073709551616",
        "-18446744073709551616"
      })
  void R_PROP_5_notAnInteger(String text) {
    assertThat(error(UINT32, text(text))).isEqualTo("Parameter 'p' expects integer");
  }

  @Test
  void R_PROP_5_hostileLengthIsNoInteger() {
    assertThat(error(UINT32, text("9".repeat(100_000)))).isEqualTo("Parameter 'p' expects integer");
  }

  @Test
  void R_PROP_5_tooLargeNamesTheType() {
    assertThat(error(UINT32, text("4294967296"))).isEqualTo("Parameter 'p' expects uint32_t");
    assertThat(error(UINT32, number(1L << 32))).isEqualTo("Parameter 'p' expects uint32_t");
    assertThat(error(UINT8, text("256"))).isEqualTo("Parameter 'p' expects uint8_t");
    assertThat(error(UINT16, text("0x10000"))).isEqualTo("Parameter 'p' expects uint16_t");
    assertThat(value(UINT8, text("255"))).isEqualTo(255L);
    assertThat(value(UINT16, number(0xffff))).isEqualTo(0xffffL);
  }

  @Test
  void R_PROP_5_negativeTextWrapsAndThenFailsTheRangeCheck() {
    assertThat(error(UINT32, text("-1"))).isEqualTo("Parameter 'p' expects uint32_t");
    assertThat(error(UINT8, text("-1"))).isEqualTo("Parameter 'p' expects uint8_t");
    assertThat(value(UINT64, text("-1"))).isEqualTo(-1L);
    assertThat(value(UINT8, text("-18446744073709551615"))).isEqualTo(1L);
  }

  @Test
  void R_PROP_5_jsonTakesNumbersFrom0To2To64() {
    assertThat(value(UINT32, number(7))).isEqualTo(7L);
    assertThat(value(UINT64, number("18446744073709551615"))).isEqualTo(-1L);
    String refused = "Parameter 'p' expects uint64";
    assertThat(error(UINT32, number(-1))).isEqualTo(refused);
    assertThat(error(UINT32, number("18446744073709551616"))).isEqualTo(refused);
    assertThat(error(UINT32, string("7"))).isEqualTo(refused);
    assertThat(error(UINT32, bool(true))).isEqualTo(refused);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "512,512",
    "1B,1",
    "1k,1024",
    "1K,1024",
    "2M,2097152",
    "3g,3221225472",
    "1T,1099511627776",
    "1P,1125899906842624",
    "1E,1152921504606846976",
    "0x1000,4096",
    "1.5K,1536",
    "0.5M,524288",
    "1.K,1024",
    "007,7"
  })
  void R_PROP_6_sizes(String text, long bytes) {
    assertThat(value(SIZE, text(text))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        "K",
        "-1",
        "1KB",
        "1 K",
        "0x10K",
        "0x1.5",
        "1.5",
        "1.5B",
        ".5K",
        "1e3",
        "1Z",
        "16E",
        "18446744073709551616",
        "\u0661K",
        "1..5K"
      })
  void R_PROP_6_notASize(String text) {
    assertThat(error(SIZE, text(text))).isEqualTo("Parameter 'p' expects size");
  }

  @Test
  void R_PROP_6_theGreatestSizeIsBelow2To64() {
    assertThat(value(SIZE, text("18446744073709551615"))).isEqualTo(-1L);
    assertThat(value(SIZE, text("0xffffffffffffffff"))).isEqualTo(-1L);
    assertThat(value(SIZE, text("15E"))).isEqualTo(15L << 60);
  }

  @Test
  void R_PROP_6_jsonSizesAreBytes() {
    assertThat(value(SIZE, number(4096))).isEqualTo(4096L);
    assertThat(value(SIZE, number("18446744073709551615"))).isEqualTo(-1L);
    assertThat(error(SIZE, number(-1))).isEqualTo("Parameter 'p' expects uint64");
    assertThat(error(SIZE, string("1K"))).isEqualTo("Parameter 'p' expects size");
  }

  @Test
  void R_PROP_8_formattedTextNamesTheDevice() {
    String token = "12345678-ABCD-abcd-0000-0123456789ab";
    assertThat(value(UUID, text(token))).isEqualTo("12345678-abcd-abcd-0000-0123456789ab");
    assertThat(value(UUID, string("auto"))).isEqualTo("auto");
    for (String wrong : List.of("", "1234", token + "0", token + " ", "{" + token + "}")) {
      assertThat(error(UUID, text(wrong)))
          .isEqualTo("Property 'vfio-pci.p' doesn't take value '" + wrong + "'");
    }
    assertThat(error(UUID, bool(true)))
        .isEqualTo("Invalid parameter type for 'p', expected: string");
  }

  @Test
  void textTakesAnyText() {
    PropertyType text = new PropertyType.Text();
    assertThat(value(text, text(""))).isEqualTo("");
    assertThat(value(text, string("/dev/null"))).isEqualTo("/dev/null");
    assertThat(error(text, number(1)))
        .isEqualTo("Invalid parameter type for 'p', expected: string");
  }

  @Test
  void typesHaveLabels() {
    assertThat(List.of(BOOL, SWITCH, CHOICE, UINT8, SIZE, UUID, new PropertyType.Text()))
        .extracting(PropertyType::label)
        .containsExactly(
            "bool", "OnOffAuto", "off/auto/bar0/bar5", "uint8", "size", "UUID", "string");
  }
}
