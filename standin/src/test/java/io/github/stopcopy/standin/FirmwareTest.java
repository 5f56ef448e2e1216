package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of real dumps, before, while and after SeaBIOS puts everything where it stays. */
class FirmwareTest {

  @ParameterizedTest
  @CsvSource({
    "'  00000000000e0000-00000000000fffff (prio 0, rom): pc.bios @0000000000020000 KVM', false",
    "'  00000000000e0000-00000000000fffff (prio 1, rom): isa-bios', false",
    "'  00000000000e0000-00000000000fffff (prio 0, rom): system.flash0 @0000000000020000', false",
    "'  0000000000000000-000000007fffffff (prio 0, ram): ram0 KVM', false",
    "'  00000000000f0000-00000000000fffff (prio 0, rom): ram0 @00000000000f0000 KVM', true",
    "'  00000000000f0000-00000000000fffff (prio 0, rom): pc.ram @00000000000f0000', true"
  })
  void R_OBS_15_seaBiosIsDoneWhenItsCopyIsReadOnlyRam(String row, boolean isDone) {
    assertThat(Firmware.isSeaBiosDone("FlatView #1\n" + row + "\n")).isEqualTo(isDone);
  }
}
