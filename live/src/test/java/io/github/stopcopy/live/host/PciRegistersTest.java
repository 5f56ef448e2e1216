package io.github.stopcopy.live.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.live.host.PciRegisters.MsixFound;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R-HOST C1: BARs and MSI-X from what sysfs shows of a device's registers. */
class PciRegistersTest {

  private static final String NONE = "0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

  @Test
  void R_HOST_C1_aBarIsALineWithStartEndAndFlags() {
    String resource =
        "0x00000000a0000000 0x00000000a0003fff 0x0000000000040200\n"
            + "0x0000380000000000 0x00003800000fffff 0x000000000014220c\n"
            + NONE
            + "0x000000000000e000 0x000000000000e07f 0x0000000000040101\n"
            + NONE
            + NONE
            + "0x00000000c0000000 0x00000000c007ffff 0x0000000000046200\n"; // the ROM
    assertThat(PciRegisters.bars(resource))
        .contains(
            Map.of(
                0, new Bar(0x4000, BarKind.MEM32, false, true),
                1, new Bar(0x100000, BarKind.MEM64, true, true),
                3, new Bar(0x80, BarKind.IO, false, false)));
  }

  @Test
  void aSizeIsKnownAlsoWhereTheStartIsHidden() {
    String resource = "0x0000000000000000 0x0000000000000fff 0x0000000000040200\n" + NONE.repeat(6);
    assertThat(PciRegisters.bars(resource))
        .contains(Map.of(0, new Bar(0x1000, BarKind.MEM32, false, true)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0x0 0x0 0x0",
        "garbage\n\n\n\n\n\n",
        "0x1000 0xfff 0x200\n1\n1\n1\n1\n1",
        "0x2000 0x1fff 0x200\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0",
        "0x0 0x2fff 0x200\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0",
        "0x0 0xffffffffffffffff 0x200\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0"
            + " 0x0"
      })
  void whatTheKernelWouldNotWriteTellsNothing(String resource) {
    assertThat(PciRegisters.bars(resource)).isEmpty();
  }

  private static byte[] config(int length, int... pairs) {
    byte[] config = new byte[length];
    config[0x06] = 0x10;
    config[0x34] = 0x40;
    for (int i = 0; i < pairs.length; i += 2) {
      config[pairs[i]] = (byte) pairs[i + 1];
    }
    return config;
  }

  @Test
  void R_HOST_C1_msixIsTheCapability11() {
    byte[] config =
        config(
            256, 0x40, 0x10, 0x41, 0x60, 0x60, 0x11, 0x62, 0x1f, 0x63, 0x80, 0x64, 0x02, 0x65,
            0x20);
    assertThat(PciRegisters.msix(config))
        .isEqualTo(new MsixFound.Capability(new Msix(32, 2, 0x2000)));
  }

  @Test
  void withoutTheCapabilityThereIsNone() {
    assertThat(PciRegisters.msix(config(256, 0x40, 0x10))).isEqualTo(new MsixFound.None());
    assertThat(PciRegisters.msix(new byte[256])).isEqualTo(new MsixFound.None());
  }

  @Test
  void R_HOST_C1_withoutRootTheListGoesOnWhereNobodySees() {
    assertThat(PciRegisters.msix(config(64))).isEqualTo(new MsixFound.Hidden());
  }

  @Test
  void aListThatGoesRoundOrLeadsNowhereIsNoList() {
    assertThat(PciRegisters.msix(config(256, 0x40, 0x10, 0x41, 0x40)))
        .isEqualTo(new MsixFound.Broken());
    assertThat(PciRegisters.msix(config(256, 0x40, 0x10, 0x41, 0xfc)))
        .isEqualTo(new MsixFound.Broken());
    assertThat(PciRegisters.msix(config(256, 0x40, 0x10, 0x41, 0x10)))
        .isEqualTo(new MsixFound.Broken());
    assertThat(PciRegisters.msix(config(256, 0x40, 0x11, 0x44, 0x07)))
        .isEqualTo(new MsixFound.Broken());
    assertThat(PciRegisters.msix(new byte[10])).isEqualTo(new MsixFound.Broken());
  }
}
