package io.github.stopcopy.vfiopci.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What QEMU warns of once for a VM. */
class VmWarningsTest {

  @Test
  void R_LST_72_eachIsToldTheFirstTimeAndWhateverElseWasTold() {
    VmWarnings warnings = new VmWarnings();
    assertThat(warnings.isFirstTranslationToDiscardedRam()).isTrue();
    assertThat(warnings.isFirstTranslationToDiscardedRam()).isFalse();
    assertThat(warnings.isFirstP2pFailure()).isTrue();
    assertThat(warnings.isFirstP2pFailure()).isFalse();
    assertThat(warnings.isFirstWithoutDmaBuf()).isTrue();
    assertThat(warnings.isFirstWithoutDmaBuf()).isFalse();
  }
}
