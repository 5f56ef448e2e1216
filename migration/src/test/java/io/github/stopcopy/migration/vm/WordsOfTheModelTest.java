package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;
import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.scenario.ScenarioPlayer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of the model that hang on one word of the description. */
class WordsOfTheModelTest {

  private static List<String> errors(Story story) {
    return last(story).errors();
  }

  @Test
  void R_OBS_166_aDirtyLimitNeedsTheRingOfKvm() throws Exception {
    String needs = "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set";
    VmConfig with = q35().dirtyRing(true).devices(List.of(vfio(A))).build();
    VmConfig tcg = with.toBuilder().accelerator(Accelerator.TCG).build();
    assertThat(last(play(V11_1, with, migrate("dirty-limit"))).commandError()).isEmpty();
    assertThat(last(play(V11_1, q35(vfio(A)), migrate("dirty-limit"))).commandError())
        .contains(needs);
    assertThat(last(play(V11_1, tcg, migrate("dirty-limit"))).commandError()).contains(needs);
  }

  @Test
  void R_OBS_166_aCapabilityThatIsOldIsWarnedOfFrom100On() throws Exception {
    String old = "zero-blocks capability is deprecated";
    Story now = play(V10_0, q35(vfio(A)), migrate("zero-blocks"));
    assertThat(last(now).warnings()).anyMatch(line -> line.contains(old));
    Story before = play(V9_2, q35(vfio(A)), migrate("zero-blocks"));
    assertThat(last(before).warnings()).noneMatch(line -> line.contains(old));
    Story without = play(V10_0, q35(vfio(A)), migrate());
    assertThat(last(without).warnings()).noneMatch(line -> line.contains(old));
  }

  @ParameterizedTest
  @CsvSource({
    "1536M, 8, 1",
    "1G, 8, 0",
    "2G, 8, 0",
    "1536M, 2, 0",
  })
  void R_OBS_169_lowRamThatIsNoMultipleOfAGibibyte(String most, long gib, int warnings) {
    VmConfig vm = q35().ramSize(gib * GIB).machineOption("max-ram-below-4g", most).build();
    assertThat(LowRamWarnings.of(vm)).hasSize(warnings);
  }

  @Test
  void R_PROP_9_theReleasesOfAPropertyInWords() {
    assertThat(new ForeignProperty("p", List.of(V9_0, V10_0, V11_1)).releases())
        .isEqualTo("from 9.0 on");
    assertThat(new ForeignProperty("p", List.of(V11_1)).releases()).isEqualTo("from 11.1 on");
    assertThat(new ForeignProperty("p", List.of(V10_0)).releases()).isEqualTo("in 10.0 only");
    assertThat(new ForeignProperty("p", List.of(V8_1, V9_0)).releases()).isEqualTo("up to 9.0");
    assertThat(new ForeignProperty("p", List.of(V9_0, V10_1)).releases())
        .isEqualTo("from 9.0 up to 10.1");
  }

  @Test
  void R_BLK_7_aBlockerIsItsText() {
    assertThat(new MigrationBlocker("x: no")).hasToString("x: no");
  }

  @ParameterizedTest
  @CsvSource({
    "V11_1, q35, 4096, ''",
    "V11_1, q35, 4097, pc-q35-11.1 4096",
    "V8_1_IOMMU_PT, pc, 256, pc-i440fx-8.2 255",
    "V8_1_IOMMU_PT, q35, 1024, ''",
    "V8_1_IOMMU_PT, q35, 1025, pc-q35-8.2 1024",
    "V11_1, pc-q35-8.2, 1025, pc-q35-8.2 1024",
    "V11_1, pc, 256, pc-i440fx-11.1 255",
    "V11_1, pc-q35-8.0, 289, pc-q35-8.0 288",
    "V11_1, pc-q35-8.0, 288, ''",
    "V11_1, pc-q35-rhel9.4.0, 5000, ''"
  })
  void R_VIO_3_howManyCpusAMachineTakes(
      QemuProfile profile, String type, int cpus, String machineAndMost) throws Exception {
    Story story = play(profile, q35().machineType(type).vcpus(cpus).build());
    if (machineAndMost.isEmpty()) {
      assertThat(last(story).exitCode()).isEmpty();
      return;
    }
    String[] words = machineAndMost.split(" ");
    assertThat(errors(story))
        .containsExactly(
            "Invalid SMP CPUs "
                + cpus
                + ". The max CPUs supported by machine '"
                + words[0]
                + "' is "
                + words[1]);
  }

  /** Without a word KVM's interrupt controllers are in the kernel, and others' are not. */
  @ParameterizedTest
  @CsvSource({"KVM, '', true", "TCG, '', false", "KVM, split, false", "KVM, off, false"})
  void R_VIO_2_whereTheInterruptControllersAreByDefault(
      Accelerator accelerator, String irqchip, boolean refused) throws Exception {
    VmConfigBuilder vm =
        VmConfig.builder()
            .machineType("q35")
            .accelerator(accelerator)
            .ramSize(2 * GIB)
            .memory(q35().build().memory())
            .devices(List.of(intel()));
    if (!irqchip.isEmpty()) {
      vm.machineOption("kernel-irqchip", irqchip);
    }
    Story story = play(V11_1, vm.build());
    assertThat(last(story).exitCode().isPresent()).isEqualTo(refused);
    assertThat(errors(story).stream().anyMatch(line -> line.contains("kernel-irqchip=on")))
        .isEqualTo(refused);
  }

  private static Story playedBy(MigrationRule rule, VmConfig vm) throws Exception {
    return new ScenarioPlayer(
            plugins(),
            profile -> List.of(rule),
            VfioPolicy.EXACT,
            device -> new DeviceLogTracker(DeviceLimits.NONE))
        .play(scenario(TestVm.SEED, vm, HostFacts.CAPABLE));
  }

  @Test
  void R_BLK_10_aRuleThatRefusesADeviceKeepsItFromStarting() throws Exception {
    Finding finding = new Finding("OURS", A + ": not today", "", List.of());
    Story story = playedBy((device, view) -> new RuleOutcome.Refuse(finding), q35(vfio(A)));
    assertThat(last(story).exitCode()).hasValue(1);
    assertThat(errors(story)).singleElement().asString().endsWith(A + ": not today");
  }

  @Test
  void aRuleSeesWhatTheDeviceIsCalledAndWhetherItHasTheOption() throws Exception {
    List<String> seen = new ArrayList<>();
    playedBy(
        (device, view) -> {
          seen.add(
              device.name() + " " + device.id().orElse("") + " " + device.isIommuPassthrough());
          return RuleOutcome.pass();
        },
        q35(vfio(A, "x-migration-iommu-pt=on"), vfio(TestVm.B)));
    assertThat(seen).containsExactly(A + " v1 true", TestVm.B + " v2 false");
  }
}
