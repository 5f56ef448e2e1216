package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of 10.0.13 and 11.1.3 to capabilities and to a split of RAM, as recorded. */
class RecordedRefusalsTest {

  private static Optional<String> conflict(QemuProfile profile, String... on) {
    return Capabilities.conflict(profile, Set.of(on), /* dirtyRing= */ false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "switchover-ack             | Capability 'switchover-ack' requires capability"
            + " 'return-path'",
        "postcopy-preempt           | Postcopy preempt requires postcopy-ram",
        "zero-copy-send             | Zero copy only available for non-compressed non-TLS multifd"
            + " migration",
        "dirty-limit                | dirty-limit requires KVM with accelerator property"
            + " 'dirty-ring-size' set",
        "dirty-limit auto-converge  | dirty-limit conflicts with auto-converge either of then"
            + " available currently",
        "postcopy-ram background-snapshot | Background-snapshot is not compatible with"
            + " postcopy-ram",
        "postcopy-ram x-ignore-shared | Postcopy is not compatible with ignore-shared",
        "multifd xbzrle             | Multifd is not compatible with xbzrle",
        "multifd xbzrle zero-copy-send | Zero copy only available for non-compressed non-TLS"
            + " multifd migration",
        "mapped-ram xbzrle postcopy-ram | Mapped-ram migration is incompatible with xbzrle",
        "mapped-ram postcopy-ram    | Mapped-ram migration is incompatible with postcopy",
        "background-snapshot xbzrle auto-converge | Background-snapshot is not compatible with"
            + " auto-converge",
      })
  void R_OBS_166_whatExcludesAndNeedsWhat(String on, String answer) {
    assertThat(conflict(V10_0, on.split(" "))).contains(answer);
    assertThat(conflict(V11_1, on.split(" "))).contains(answer);
  }

  @Test
  void R_OBS_166_releasesDiffer() {
    assertThat(conflict(V10_0, "postcopy-ram", "multifd"))
        .contains("Postcopy is not yet compatible with multifd");
    assertThat(conflict(V11_1, "postcopy-ram", "multifd")).isEmpty();
    assertThat(conflict(V10_0, "x-colo")).isEmpty();
    assertThat(conflict(V11_1, "x-colo"))
        .contains("Capability 'x-colo' requires capability 'return-path'");
  }

  @Test
  void R_OBS_166_whatGoesTogether() {
    assertThat(conflict(V11_1, "switchover-ack", "return-path")).isEmpty();
    assertThat(conflict(V11_1, "zero-copy-send", "multifd")).isEmpty();
    assertThat(conflict(V11_1, "postcopy-preempt", "postcopy-ram")).isEmpty();
    assertThat(Capabilities.conflict(V11_1, Set.of("dirty-limit"), /* dirtyRing= */ true))
        .isEmpty();
    assertThat(Capabilities.warnings(V10_0, Set.of("zero-blocks")))
        .containsExactly("zero-blocks capability is deprecated");
  }

  @ParameterizedTest
  @CsvSource({
    "q35, 1G, ''",
    "q35, 512M, ''",
    "q35, 2816M, ''",
    "q35, 3584M, ''",
    "pc, 3G, ''",
    "pc, 3584M, ''",
    "q35, 1M, poor performance",
    "q35, 2.5G, poor performance",
    "q35, 100, Only 100 bytes of RAM below",
    "pc, 512M, Large machine",
    "pc, 2816M, Large machine",
  })
  void R_OBS_169_awkwardSplitsOfRamAreWarnedOf(String type, String most, String warning) {
    MemoryPlan none = new MemoryPlan(List.of(), List.of(), Optional.empty(), 1L << 32, 0);
    VmConfig vm =
        VmConfig.builder()
            .machineType(type)
            .machineOption("max-ram-below-4g", most)
            .ramSize(type.equals("pc") ? 5L << 30 : 1L << 30)
            .memory(MachineMemory.fixed(none))
            .build();
    List<String> told = LowRamWarnings.of(vm);
    assertThat(told.isEmpty()).isEqualTo(warning.isEmpty());
    assertThat(String.join(" ", told)).contains(warning);
  }
}
