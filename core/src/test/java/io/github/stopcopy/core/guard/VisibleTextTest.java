package io.github.stopcopy.core.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a text a terminal or a log would obey is written out. */
class VisibleTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain", "café", "網路卡", "\uD83D\uDE80 rocket", "a\u00A0b", "\\u001b", "~"})
  void whatShowsStaysAsItIs(String text) {
    assertThat(VisibleText.of(text)).isEqualTo(text);
  }

  /** Every control character, C1 included, which 8-bit terminals obey as they do ESC [. */
  @Test
  void noControlCharacterStays() {
    for (int c = 0; c < 0x20; c++) {
      assertThat(VisibleText.of("a" + (char) c + "b")).isEqualTo(String.format("a\\u%04xb", c));
    }
    for (int c = 0x7F; c < 0xA0; c++) {
      assertThat(VisibleText.of("a" + (char) c + "b")).isEqualTo(String.format("a\\u%04xb", c));
    }
  }

  /** Overrides and isolates of direction, joiners, marks of order: text that reads as another. */
  @ParameterizedTest
  @ValueSource(ints = {0xAD, 0x200B, 0x200E, 0x2028, 0x2029, 0x202E, 0x2066, 0x2069, 0xFEFF})
  void nothingTurnsOrHidesText(int character) {
    assertThat(VisibleText.of("a" + Character.toString(character) + "b"))
        .isEqualTo(String.format("a\\u%04xb", character));
  }

  @Test
  void halvesOfPairsAndInvisiblePairsAreWrittenOut() {
    assertThat(VisibleText.of("\uD83D")).isEqualTo("\\ud83d");
    assertThat(VisibleText.of("\uDE80\uD83D")).isEqualTo("\\ude80\\ud83d");
    assertThat(VisibleText.of(Character.toString(0xE0041))).isEqualTo("\\udb40\\udc41");
  }

  @Test
  void textsOfPluginsAreCutAndInOneLine() {
    assertThat(PluginText.oneLine(" a\r\n\tb\u001b[2J\u202e \uD83D\uDE80 "))
        .isEqualTo("a b\\u001b[2J\\u202e \uD83D\uDE80");
    assertThat(PluginText.oneLine("x".repeat(10_000))).hasSizeLessThan(450).endsWith("...");
  }
}
