package io.github.stopcopy.core.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Places on a PCI bus. */
class PciAddressTest {

  @Test
  void slotAndFunctionMakeANumberAndAText() {
    PciAddress address = new PciAddress("pcie.0", 0x1f, 7);
    assertThat(address.devfn()).isEqualTo(255);
    assertThat(address.slotAndFunction()).isEqualTo("1f.7");
    assertThat(address).hasToString("pcie.0/1f.7");
    assertThat(new PciAddress("rp1", 0, 0)).hasToString("rp1/00.0");
    assertThat(new PciAddress("pci.0", 5, 1).devfn()).isEqualTo(41);
  }

  @ParameterizedTest
  @CsvSource({"32,0", "-1,0", "0,8", "0,-1"})
  void slotAndFunctionAreChecked(int slot, int function) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PciAddress("pcie.0", slot, function))
        .withMessage("no PCI address " + slot + "." + function);
  }
}
