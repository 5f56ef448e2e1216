package io.github.stopcopy.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Family and age of machine types, read off their names. */
class MachineTypesTest {

  @ParameterizedTest
  @CsvSource({
    "pc-q35-9.1, true, true",
    "pc-q35-9.2, false, true",
    "pc-i440fx-9.1, true, false",
    "pc-i440fx-2.12, true, false",
    "pc-q35-10.0, false, true",
    "pc-q35-10.0.1, false, true",
    "pc-1.3, true, false",
    "q35, false, true",
    "pc, false, false",
    "microvm, false, false",
  })
  void machineTypesAgeByVersionNotByText(String type, boolean atMost91, boolean q35) {
    assertThat(MachineTypes.isAtMost(type, 9, 1)).isEqualTo(atMost91);
    assertThat(MachineTypes.isQ35(type)).isEqualTo(q35);
    assertThat(MachineTypes.isPc(type)).isEqualTo(!type.equals("microvm"));
  }
}
