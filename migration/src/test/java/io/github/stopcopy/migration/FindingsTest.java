package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where QEMU itself loses data or the VM, and how that is told (R-OBS-140 .. R-OBS-145). */
class FindingsTest {

  private static final HostFacts NOBODY_TRACKS =
      host(
          container(false, Optional.empty(), Optional.empty(), false),
          Map.of(A, can(NO_P2P, DmaLogging.NONE)));

  private static Verdict verdict(String release, VmConfig vm, HostFacts host)
      throws InputException {
    return MigrationCheck.of(vm)
        .profile(QemuProfile.choose(release).profile())
        .plugins(plugins())
        .host(host)
        .decide();
  }

  @ParameterizedTest
  @CsvSource({
    "8.2, migratable",
    "9.2, migratable",
    "10.0, conditional",
    "10.2, conditional",
    "11.1, conditional"
  })
  void R_OBS_141_whatNobodyTracksIsLostFromTheReleaseOnThatAsksNobody(
      String release, String expected) throws Exception {
    Verdict verdict = verdict(release, q35(vfio(A, "enable-migration=on")), NOBODY_TRACKS);

    assertThat(verdict.kind().word()).isEqualTo(expected);
    if (verdict.kind() == VerdictKind.CONDITIONAL) {
      Reason reason = verdict.reasons().get(0);
      assertThat(reason.code()).isEqualTo("TRACKED_BY_NOBODY");
      assertThat(reason.device()).contains(A);
      assertThat(reason.rules()).contains("R-OBS-111", "R-OBS-141");
      assertThat(reason.remedies()).isNotEmpty();
    }
  }

  @Test
  void R_OBS_111_aTrackingContainerLosesNothing() throws Exception {
    HostFacts tracked = host(Map.of(A, can(P2P, DmaLogging.NONE)));

    assertThat(verdict("11.1", q35(vfio(A, "enable-migration=on")), tracked).kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
  }

  @Test
  void R_OBS_141_noRemedyLeadsToASilentLoss() throws Exception {
    Verdict blocked = verdict("11.1", q35(vfio(A)), NOBODY_TRACKS);

    assertThat(blocked.reasons()).extracting(Reason::code).containsExactly("NO_DIRTY_TRACKING");
    assertThat(blocked.reasons().get(0).remedies())
        .isNotEmpty()
        .noneMatch(remedy -> remedy.text().startsWith("set enable-migration=on"));
  }

  @ParameterizedTest
  @CsvSource({"9.0, false", "9.1, true", "10.0, true", "11.1, true"})
  void R_OBS_140_aDeviceThatRefusesItsRangesMakesADirtyRateMeasurementFatal(
      String release, boolean warned) throws Exception {
    HostFacts refusing =
        host(Map.of(A, can(P2P, logging(Optional.of(Errno.EOPNOTSUPP), Optional.empty(), 0))));

    Verdict verdict = verdict(release, q35(vfio(A)), refusing);

    assertThat(verdict.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(
            verdict.warnings().stream()
                .anyMatch(line ->
                    line.startsWith("DIRTY_RATE_ABORTS, " + A) && line.contains("calc-dirty-rate")))
        .isEqualTo(warned);
  }

  @Test
  void R_OBS_140_thatSomethingBlocksMigrationDoesNotPreventIt() throws Exception {
    HostFacts refusing =
        host(Map.of(A, can(P2P, logging(Optional.of(Errno.EOPNOTSUPP), Optional.empty(), 0))));

    Verdict blocked = verdict("10.2", q35(intel(), vfio(A)), refusing);
    Verdict fine = verdict("10.2", q35(vfio(A)), host(Map.of(A, can(P2P))));

    assertThat(blocked.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(blocked.warnings()).anyMatch(line -> line.startsWith("DIRTY_RATE_ABORTS"));
    assertThat(fine.warnings()).noneMatch(line -> line.startsWith("DIRTY_RATE_ABORTS"));
  }

  @Test
  void R_OBS_145_turningTheVirtualIommuOnAndOffCrashesWhereNobodyTracks() throws Exception {
    VmConfig vm = q35(intel(), vfio(A, "x-migration-iommu-pt=on", "enable-migration=on"));

    assertThat(verdict("8.1-iommu-pt", vm, NOBODY_TRACKS).reasons())
        .extracting(Reason::code)
        .containsExactly("VIOMMU_MAY_BE_USED", "VIOMMU_TOGGLE_CRASHES");
    assertThat(verdict("8.1-iommu-pt", vm, host(Map.of(A, can(P2P)))).reasons())
        .extracting(Reason::code)
        .containsExactly("VIOMMU_MAY_BE_USED");
  }
}
