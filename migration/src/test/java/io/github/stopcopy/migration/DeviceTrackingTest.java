package io.github.stopcopy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.migration.cost.LayoutCost;
import java.math.BigInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceTrackingTest {

  @ParameterizedTest
  @CsvSource({
    "0, 4096, 0",
    "1, 4096, 8",
    "0x40000, 4096, 8",
    "0x40001, 4096, 16",
    "0x80000000, 4096, 0x10000",
    "0x80000000, 65536, 0x1000",
    "0x1000000000000, 4096, 0x200000000",
  })
  void R_DT_50_aBitmapHasABitPerPageInWordsOf64(String bytes, long pageSize, String expected) {
    assertThat(LayoutCost.bitmapBytes(BigInteger.valueOf(Long.decode(bytes)), pageSize))
        .isEqualTo(BigInteger.valueOf(Long.decode(expected)));
  }
}
