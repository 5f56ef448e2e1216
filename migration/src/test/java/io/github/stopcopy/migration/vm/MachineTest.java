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

  @ParameterizedTest
  @CsvSource({
    "V10_0, q35, enforce-amd-1tb-hole, pc-q35-10.0-machine.enforce-amd-1tb-hole",
    "V11_1, q35, enforce_amd_1tb_hole, pc-q35-11.1-machine.enforce-amd-1tb-hole",
    "V11_1, pc, foo.bar, pc-i440fx-11.1-machine.foo",
    "V10_0, pc-q35-9.1, spcr, pc-q35-9.1-machine.spcr",
    "V11_1, q35, x-south-bridge, pc-q35-11.1-machine.x-south-bridge",
  })
  void R_OBS_162_propertyThatTheMachineHasNot(
      QemuProfile profile, String machineType, String option, String property) throws Exception {
    Story story = play(profile, q35().machineType(machineType).machineOption(option, "on").build());

    assertThat(last(story).exitCode()).hasValue(1);
    assertThat(last(story).errors()).containsExactly("Property '" + property + "' not found");
  }

  @ParameterizedTest
  @CsvSource({
    "V11_1, q35, spcr",
    "V10_2, q35, spcr",
    "V11_1, pc, x-south-bridge",
    "V10_0, q35, kernel_irqchip",
    "V10_0, q35, smp.cpus",
    "V9_2, q35, enforce-amd-1tb-hole",
    "V11_1, pc-q35-rhel9.6.0, some-of-theirs",
  })
  void R_OBS_162_propertyThatTheMachineHasOrMayHave(
      QemuProfile profile, String machineType, String option) throws Exception {
    Story story = play(profile, q35().machineType(machineType).machineOption(option, "on").build());

    assertThat(last(story).exitCode()).isEmpty();
  }
}
