package io.github.stopcopy.core.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Unsigned 64-bit numbers. */
class U64Test {

  private static final long HALF = Long.MIN_VALUE;

  @Test
  void comparesAsUnsigned() {
    assertThat(U64.less(Long.MAX_VALUE, HALF)).isTrue();
    assertThat(U64.less(HALF, Long.MAX_VALUE)).isFalse();
    assertThat(U64.less(0, U64.MAX)).isTrue();
    assertThat(U64.less(5, 5)).isFalse();
    assertThat(U64.lessOrEqual(5, 5)).isTrue();
    assertThat(U64.lessOrEqual(U64.MAX, 0)).isFalse();
    assertThat(U64.compare(U64.MAX, 1)).isPositive();
    assertThat(U64.compare(1, U64.MAX)).isNegative();
    assertThat(U64.compare(HALF, HALF)).isZero();
    assertThat(U64.min(U64.MAX, 1)).isEqualTo(1);
    assertThat(U64.max(U64.MAX, 1)).isEqualTo(U64.MAX);
  }

  @Test
  void addsWithinSixtyFourBits() {
    assertThat(U64.addOverflows(U64.MAX, 0)).isFalse();
    assertThat(U64.addOverflows(U64.MAX, 1)).isTrue();
    assertThat(U64.addOverflows(HALF, HALF)).isTrue();
    assertThat(U64.addOverflows(HALF, HALF - 1)).isFalse();
    assertThat(U64.addOverflows(U64.MAX, U64.MAX)).isTrue();
    assertThat(U64.addSaturated(U64.MAX, 5)).isEqualTo(U64.MAX);
    assertThat(U64.addSaturated(2, 3)).isEqualTo(5);
  }

  @Test
  void alignsToPowersOfTwo() {
    assertThat(U64.alignDown(0x1fff, 0x1000)).isEqualTo(0x1000);
    assertThat(U64.alignDown(0x1000, 0x1000)).isEqualTo(0x1000);
    assertThat(U64.alignDown(U64.MAX, 0x1000)).isEqualTo(-0x1000);
    assertThat(U64.alignUp(0x1001, 0x1000)).isEqualTo(0x2000);
    assertThat(U64.alignUp(0x1000, 0x1000)).isEqualTo(0x1000);
    assertThat(U64.alignUp(0, 0x1000)).isZero();
    assertThat(U64.alignUp(U64.MAX, 0x1000)).isZero();
  }

  @Test
  void writesHexAndDecimal() {
    assertThat(U64.hex(U64.MAX)).isEqualTo("0xffffffffffffffff");
    assertThat(U64.hex(0)).isEqualTo("0x0");
    assertThat(U64.decimal(U64.MAX)).isEqualTo("18446744073709551615");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "007, 7",
    "0x0, 0",
    "0XfF, 255",
    "0x00000000000000000000000ff, 255",
    "000000000000000000000000042, 42",
    "18446744073709551615, -1",
    "0xffffffffffffffff, -1",
    "9223372036854775808, -9223372036854775808"
  })
  void readsNumbers(String text, long value) {
    assertThat(U64.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0x",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1.5",
        "abc",
        "0xg",
        "1e3",
        "1_000",
        "0b1",
        "x",
        "\u0661",
        "\uff11",
        "0x\uff21",
        "1\n",
        "\u0000",
        "0x-1"
      })
  void refusesWhatIsNoNumber(String text) {
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.parse(text))
        .withMessage("'" + text + "' is not a number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"18446744073709551616", "0x10000000000000000", "99999999999999999999999999999999"})
  void refusesWhatIsTooGreat(String text) {
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.parse(text))
        .withMessage(text + " is greater than 2^64-1");
  }

  @Test
  void hostileLengthsAreShortenedInMessages() {
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.parse("9".repeat(1_000_000)))
        .withMessage("9".repeat(37) + "... is greater than 2^64-1");
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.parse("z".repeat(1_000_000)))
        .withMessage("'" + "z".repeat(37) + "...' is not a number");
    assertThat(U64.parse("0".repeat(1_000_000) + "7")).isEqualTo(7);
  }

  @Test
  void takesBigIntegers() {
    assertThat(U64.of(BigInteger.TWO.pow(64).subtract(BigInteger.ONE))).isEqualTo(U64.MAX);
    assertThat(U64.of(BigInteger.ZERO)).isZero();
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.of(BigInteger.valueOf(-1)))
        .withMessage("-1 is negative");
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.of(BigInteger.TWO.pow(64)))
        .withMessage("18446744073709551616 is greater than 2^64-1");
    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> U64.of(BigInteger.TWO.pow(100_000)))
        .withMessage("the number is greater than 2^64-1");
  }

  @Test
  void countsBeyondSixtyFourBits() {
    assertThat(U64.toBigInteger(U64.MAX).add(BigInteger.ONE))
        .isEqualTo(BigInteger.ONE.shiftLeft(64));
    assertThat(U64.toBigInteger(5)).isEqualTo(5);
  }
}
