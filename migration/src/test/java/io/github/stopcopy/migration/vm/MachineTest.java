package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Story;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the machine itself refuses before any device is made. */
class MachineTest {

  @ParameterizedTest
  @CsvSource({
    "255, KVM, off, false",
    "256, KVM, off, true",
    "256, KVM, split, false",
    "256, KVM, on, false",
    "256, TCG, off, false",
  })
  void R_VIO_3_moreThan255CpusNeedTheKernelsIrqchip(
      int cpus, Accelerator accelerator, String irqchip, boolean refused) throws Exception {
    for (QemuProfile profile : QemuProfile.values()) {
      Story story =
          play(
              profile,
              q35()
                  .vcpus(cpus)
                  .accelerator(accelerator)
                  .machineOption("kernel-irqchip", irqchip)
                  .build());

      if (refused) {
        assertThat(last(story).exitCode()).hasValue(1);
        assertThat(last(story).errors())
            .containsExactly(
                "current -smp configuration requires kernel irqchip and X2APIC API support.");
      } else {
        assertThat(last(story).exitCode()).isEmpty();
        assertThat(last(story).errors()).isEmpty();
      }
    }
  }
}
