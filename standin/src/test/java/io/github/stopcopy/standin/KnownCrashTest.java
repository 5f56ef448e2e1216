package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Which crashes are QEMU's own, and which are to be looked at. */
class KnownCrashTest {

  private static final int ABORTED = -6;
  private static final int SEGMENTATION_FAULT = -11;

  private static List<String> notes(
      int exitCode, QemuProfile profile, ViommuOperation operation, String printed) {
    VmConfig vm =
        VmConfig.builder()
            .device(DeviceConfig.of("intel-iommu"))
            .memory((any, release, host) -> {
              throw new IllegalStateException("nobody asks for memory here");
            })
            .build();
    Step step =
        new Step.Viommu(
            operation,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            0,
            0,
            1);
    StepRecord record = new StepRecord("viommu");
    record.add(List.of(printed), List.of(), List.of());
    return KnownCrash.notes(
        exitCode,
        new Scenario("x", profile, vm, HostFacts.CAPABLE, List.of(step)),
        profile,
        List.of(record));
  }

  @Test
  void R_OBS_145_turningTranslationOffDereferencesNullWithTheRfc() {
    assertThat(
            notes(
                SEGMENTATION_FAULT, QemuProfile.V8_1_IOMMU_PT, ViommuOperation.DISABLE, "nothing"))
        .containsExactly(
            KnownCrash.PREFIX + "it dereferences null where nobody tracks (R-OBS-145)");
    assertThat(notes(SEGMENTATION_FAULT, QemuProfile.V11_1, ViommuOperation.DISABLE, "nothing"))
        .isEmpty();
    assertThat(
            notes(SEGMENTATION_FAULT, QemuProfile.V8_1_IOMMU_PT, ViommuOperation.ENABLE, "nothing"))
        .isEmpty();
  }

  @Test
  void theAssertionOfTcgIsKnownAndOthersAreRepeated() {
    String known = "qemu: physmem.c: tlb_reset_dirty_range_all: Assertion `block == end' failed.";
    String other = "qemu: other.c: f: Assertion `x' failed.";
    assertThat(notes(ABORTED, QemuProfile.V10_0, ViommuOperation.ENABLE, known))
        .singleElement()
        .asString()
        .startsWith(KnownCrash.PREFIX);
    assertThat(notes(ABORTED, QemuProfile.V10_0, ViommuOperation.ENABLE, other))
        .containsExactly("an assertion of QEMU's own: " + other);
    assertThat(notes(0, QemuProfile.V10_0, ViommuOperation.ENABLE, known)).isEmpty();
  }
}
