package io.github.stopcopy.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The values that vIOMMU models exchange with the machine. */
class SpiValuesTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "39, 549755813887",
    "48, 281474976710655",
    "63, 9223372036854775807",
    "64, -1"
  })
  void R_VIO_60_theLastIovaFollowsFromTheWidth(int bits, long last) {
    IovaLimits limits = IovaLimits.ofBits(true, bits);
    assertThat(limits.lastIova()).isEqualTo(last);
    assertThat(limits.addressBits()).isEqualTo(bits);
    assertThat(limits.canTranslate()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65})
  void aWidthIs1To64(int bits) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IovaLimits.ofBits(true, bits))
        .withMessage(bits + " address bits, expected 1 to 64");
  }

  @Test
  void R_VIO_17_theHostsWidthIsThatOfItsHighestAddress() {
    assertThat(new HostIommu(4096, List.of()).addressBits()).isEqualTo(64);
    List<AddressRange> ranges = new ArrayList<>();
    ranges.add(new AddressRange(0xfef00000L, (1L << 39) - 1));
    ranges.add(new AddressRange(0, 0xfedfffffL));
    HostIommu host = new HostIommu(4096, ranges);
    ranges.clear();
    assertThat(host.addressBits()).isEqualTo(39);
    assertThat(new HostIommu(4096, List.of(new AddressRange(0, -1))).addressBits()).isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource({
    "pc,true",
    "q35,true",
    "pc-q35-9.1,true",
    "pc-i440fx-8.1,true",
    "microvm,false",
    "none,false"
  })
  void R_VIO_2_pcMachines(String type, boolean pc) {
    GuestMemory memory = new GuestMemory(false, true);
    MachineFacts machine =
        new MachineFacts(
            QemuProfile.V10_2,
            type,
            Accelerator.KVM,
            KernelIrqchip.ON,
            1,
            memory,
            memory.addressSpace("memory", memory.container("system", ByteSize.WHOLE_SPACE)),
            event -> {});
    assertThat(machine.isPc()).isEqualTo(pc);
  }
}
