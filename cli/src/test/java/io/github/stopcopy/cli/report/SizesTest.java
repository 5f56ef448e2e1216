package io.github.stopcopy.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes as people read them. */
class SizesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "4095, 4 KiB",
    "1048570, 1023.99 KiB",
    "1048571, 1 MiB",
    "1099511627776, 1 TiB",
    "1099510579200, 1 TiB",
    "1099411161088, 1023.91 GiB",
    "1125899906842624, 1 PiB",
    "1125899906842623, 1 PiB",
    "1152921504606846976, 1 EiB",
    "1152921504606846975, 1 EiB",
    "18446744073709551616, 16 EiB",
    "1180591620717411303424, 1024 EiB"
  })
  void theGreatestUnitOfWhichThereIsOneOnceRounded(BigInteger bytes, String text) {
    assertThat(Sizes.text(bytes)).isEqualTo(text);
  }
}
