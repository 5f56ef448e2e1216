package io.github.stopcopy.migration.rules;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.q35WithRam;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** R-BLK-50 .. R-BLK-53, R-BLK-60 .. R-BLK-63: what 10.2 and 11.0 decide otherwise. */
class LaterReleasesTest {

  private static final String VIOMMU = ": Migration is currently not supported with vIOMMU enabled";
  private static final String NO_TRACKING =
      ": VFIO device doesn't support device and IOMMU dirty tracking";
  private static final String TOO_LARGE =
      ": Migration is currently not supported with large memory VM due to dirty tracking"
          + " limitation in backend";
  private static final long TIB = 1L << 40;

  private static final HostFacts LOGGING = HostFacts.CAPABLE;
  private static final HostFacts NOT_LOGGING = host(Map.of(A, can(P2P, DmaLogging.NONE)));

  private static Story boot(QemuProfile profile, HostFacts host, String... settings)
      throws Exception {
    return play(profile, q35(intel(), vfio(A, settings)), host, snapshot());
  }

  /**
   * Table 5.1: one device behind a vIOMMU. An outcome is what is printed or registered, in order:
   * B(reason) blocks, W(reason) warns, E(reason) refuses; T tracking, V vIOMMU, R relaxed.
   */
  @ParameterizedTest(name = "logs {0}, own log {1}, back end {2}, {3}: {4}")
  @CsvSource({
    "yes, default, type1,   auto, S-off:BV, S-on:WR,    10:BV,    11:BV",
    "yes, off,     type1,   auto, n/a,      n/a,        10:BT,    11:BT",
    "yes, off,     type1,   on,   n/a,      n/a,        10:WT+EV, 11:WT",
    "no,  default, iommufd, auto, n/a,      n/a,        10:BV,    11:ok",
    "yes, off,     iommufd, auto, n/a,      n/a,        10:BV,    11:ok",
    "yes, default, iommufd, auto, n/a,      n/a,        10:BV,    11:BV",
    "no,  default, type1,   auto, S-off:BT, S-on:BT,    10:BT,    11:BT",
    "no,  default, type1,   on,   S-off:WT+EV, S-on:WT+WR, 10:WT+EV, 11:WT",
  })
  void R_BLK_50_to_63_table51(
      String logs,
      String ownLog,
      String backEnd,
      String enable,
      String seedOff,
      String seedOn,
      String ten,
      String eleven)
      throws Exception {
    for (String cell : List.of(seedOff, seedOn, ten, eleven)) {
      if (cell.equals("n/a")) {
        continue;
      }
      String column = cell.substring(0, cell.indexOf(':'));
      QemuProfile profile = column.equals("10") ? V10 : column.equals("11") ? V11 : SEED;
      List<String> settings = new ArrayList<>(List.of("enable-migration=" + enable));
      if (column.equals("S-on")) {
        settings.add("x-migration-iommu-pt=on");
      }
      if (!ownLog.equals("default")) {
        settings.add("x-device-dirty-page-tracking=" + ownLog);
      }
      VmConfigBuilder vm = q35();
      boolean iommufd = backEnd.equals("iommufd");
      if (iommufd) {
        settings.add("iommufd=fd0");
        vm.object(new ObjectConfig("iommufd", "fd0", Map.of()));
      }
      vm.device(intel()).device(vfio(A, settings.toArray(String[]::new)));
      HostContainer container = container(true, Optional.empty(), Optional.empty(), iommufd);
      DmaLogging logging = logs.equals("yes") ? DmaLogging.SUPPORTED : DmaLogging.NONE;
      Story story = play(profile, vm.build(), host(container, Map.of(A, can(P2P, logging))));

      assertThat(column + ":" + outcome(story)).isEqualTo(cell);
    }
  }

  private static String outcome(Story story) {
    StepAnswer boot = story.answers().get(0);
    List<String> all = new ArrayList<>();
    boot.warnings().forEach(text -> all.add("W" + which(text)));
    boot.errors().forEach(text -> all.add("E" + which(text)));
    story.vm().blockedReasons().forEach(text -> all.add("B" + which(text)));
    return all.isEmpty() ? "ok" : String.join("+", all);
  }

  private static String which(String text) {
    return text.endsWith("dirty tracking") ? "T" : text.endsWith(VIOMMU) ? "V" : "R";
  }

  @Test
  void R_BLK_50_theTextSpeaksOfTheIommuToo() throws Exception {
    assertThat(boot(V10, NOT_LOGGING).vm().blockedReasons()).containsExactly(A + NO_TRACKING);
  }

  @Test
  void R_BLK_50_iommuTrackingNeedsIommufd() throws Exception {
    HostContainer tracks = container(true, Optional.empty(), Optional.empty(), true);
    Story story = boot(V10, host(tracks, Map.of(A, can(P2P, DmaLogging.NONE))));

    assertThat(story.vm().blockedReasons()).containsExactly(A + NO_TRACKING);
  }

  @ParameterizedTest
  @EnumSource(value = QemuProfile.class, names = "V8_1_IOMMU_PT", mode = EnumSource.Mode.EXCLUDE)
  void R_BLK_51_and_R_BLK_52_elsewhereTheOptionIsAnUnknownProperty(QemuProfile profile)
      throws Exception {
    Story story = boot(profile, LOGGING, "x-migration-iommu-pt=on");

    assertThat(story.answers().get(0).exitCode()).hasValue(1);
    assertThat(story.answers().get(0).errors())
        .containsExactly("Property 'vfio-pci.x-migration-iommu-pt' not found");
  }

  @Test
  void R_BLK_53_and_R_OBS_4_intelRefusesADeviceWithoutCachingMode() throws Exception {
    Story story = play(V10, q35(intel("caching-mode=off"), vfio(A)));

    assertThat(story.answers().get(0).errors())
        .containsExactly(
            "vfio "
                + A
                + ": Failed to set vIOMMU: Device assignment is not allowed without"
                + " enabling caching-mode=on for Intel IOMMU.");
    assertThat(story.vm().containers()).isEmpty();
  }

  @Test
  void R_BLK_53_intelRefusesAWidthBeyondTheHosts() throws Exception {
    HostContainer narrow =
        HostContainer.builder().iovaRanges(List.of(new AddressRange(0, (1L << 39) - 1))).build();
    Story story = play(V10, q35(intel(), vfio(A)), host(narrow, Map.of()));

    assertThat(story.answers().get(0).errors())
        .containsExactly("vfio " + A + ": Failed to set vIOMMU: aw-bits 48 > host aw-bits 39");
  }

  @ParameterizedTest
  @CsvSource({"8, true, ok", "9, true, refuse", "9, false, ok"})
  void R_BLK_61_and_62_theBitmapLimitsTheRamOfADeviceThatMustMigrate(
      int tib, boolean tracks, String outcome) throws Exception {
    HostContainer container = container(tracks, Optional.empty(), Optional.empty(), false);
    Story story =
        play(
            V11,
            q35WithRam(tib * TIB).device(vfio(A, "enable-migration=on")).build(),
            host(container, Map.of(A, can(P2P, DmaLogging.NONE))));

    StepAnswer boot = story.answers().get(0);
    if (outcome.equals("refuse")) {
      assertThat(boot.errors()).containsExactly("vfio " + A + ": " + A + TOO_LARGE);
    } else {
      assertThat(boot.warnings()).containsExactly(A + NO_TRACKING);
      assertThat(boot.exitCode()).isEmpty();
    }
  }

  @Test
  void R_BLK_61_autoIsBlockedForItsTrackingWhateverTheRam() throws Exception {
    Story story = play(V11, q35WithRam(Long.MAX_VALUE).device(vfio(A)).build(), NOT_LOGGING);

    assertThat(story.vm().blockedReasons()).containsExactly(A + NO_TRACKING);
  }

  @Test
  void R_BLK_62_earlierReleasesKnowNoLimit() throws Exception {
    Story story =
        play(V10, q35WithRam(9 * TIB).device(vfio(A, "enable-migration=on")).build(), NOT_LOGGING);

    assertThat(story.answers().get(0).exitCode()).isEmpty();
  }

  /** The kernel was asked and named no error: QEMU says what is missing (R-OBS-102). */
  @Test
  void R_OBS_102_aDeviceThatCannotStopAndCopyIsToldAsSuchFrom111On() throws Exception {
    HostFacts host = host(Map.of(A, can(MigrationSupport.of(false, false, false))));

    assertThat(blockers(QemuProfile.V11_1, host))
        .containsExactly(
            A + ": VFIO migration init failed: VFIO_MIGRATION_STOP_COPY is not supported");
    assertThat(blockers(V11, host))
        .containsExactly(
            A
                + ": Migration couldn't be initialized for VFIO device, err: -95 (Operation not"
                + " supported)");
  }

  private static List<String> blockers(QemuProfile profile, HostFacts host) throws Exception {
    Story story = play(profile, q35(vfio(A)), host, snapshot());
    return story.answers().get(story.answers().size() - 1).query().orElseThrow().blockedReasons();
  }
}
