package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check}: modes of migration, failover, and what QEMU would lose. */
class CheckModeTest {

  private static final String MACHINE =
      "qemu-system-x86_64 -machine q35 -accel kvm -m 2G -device pcie-root-port,id=rp0,slot=1"
          + " -device pcie-root-port,id=rp1,slot=2 ";
  private static final String DEVICE = "-device vfio-pci,host=0000:01:00.0,id=v1,bus=rp1";

  @TempDir private Path folder;
  private Path host;

  @BeforeEach
  void describesTheHost() throws Exception {
    host = folder.resolve("host.json");
    Files.writeString(host, "{\"devices\":{\"0000:01:00.0\":{\"bars\":{}}}}");
  }

  private CommandLineRun check(String more, String... options) throws Exception {
    Path args = Files.writeString(folder.resolve("qemu.args"), MACHINE + more);
    String[] all = new String[options.length + 5];
    all[0] = "check";
    all[1] = "--qemu-args";
    all[2] = args.toString();
    all[3] = "--host";
    all[4] = host.toString();
    System.arraycopy(options, 0, all, 5, options.length);
    return CommandLineRun.of(all);
  }

  private static JsonNode json(CommandLineRun run) throws Exception {
    return new JsonMapper().readTree(run.out());
  }

  @ParameterizedTest
  @CsvSource({
    "normal, 11.1, conditional, HOST_ASSUMED",
    "postcopy, 8.1, conditional, HOST_ASSUMED",
    "postcopy, 11.1, blocked, VFIO migration is not supported with postcopy migration",
    "background-snapshot, 8.2, blocked, VFIO migration is not supported with background snapshot",
    "cpr-reboot, 8.1, blocked, Parameter 'mode' is unexpected",
    "cpr-reboot, 11.1, conditional, VFIO device only supports cpr-reboot for runstate suspended"
  })
  void R_REL_4_and_R_REL_24_aModeIsAnsweredByRelease(
      String mode, String release, String verdict, String text) throws Exception {
    CommandLineRun run =
        check(DEVICE, "--mode", mode, "--qemu-version", release, "--format", "json");

    assertThat(json(run).get("verdict").asText()).isEqualTo(verdict);
    assertThat(run.out()).contains(text);
    assertThat(run.exitCode()).isEqualTo(verdict.equals("blocked") ? 1 : 0);
  }

  @Test
  void anUnknownModeIsBadUsage() throws Exception {
    CommandLineRun run = check(DEVICE, "--mode", "post-copy");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "--mode is 'post-copy', expected normal, postcopy, background-snapshot or cpr-reboot");
  }

  @Test
  void R_OBS_115_failoverIsConditionalAndSaysThatTheGuestLetsGo() throws Exception {
    String net = "-device virtio-net-pci,id=net0,failover=on,bus=rp0 ";
    CommandLineRun run = check(net + DEVICE + ",failover_pair_id=net0", "--qemu-version", "11.1");

    assertThat(run.exitCode()).isEqualTo(0);
    assertThat(run.out())
        .startsWith(
            "conditional: it can be migrated if the guest lets go of the devices that fail over")
        .contains("FAILOVER_PRIMARY, device", "wait-unplug", "it leaves before memory is sent")
        .doesNotContain("mean nothing to this program: virtio-net-pci");
  }

  @Test
  void R_OBS_142_aVirtioIommuLosesWhatTheContainerTracks() throws Exception {
    String viommu = "-device virtio-iommu-pci,addr=9 ";
    String tracked = DEVICE + ",x-device-dirty-page-tracking=off,enable-migration=on";

    JsonNode lost = json(check(viommu + tracked, "--qemu-version", "11.1", "--format", "json"));
    JsonNode without = json(check(tracked, "--qemu-version", "11.1", "--format", "json"));
    JsonNode before = json(check(viommu + tracked, "--qemu-version", "10.0", "--format", "json"));

    assertThat(lost.get("verdict").asText()).isEqualTo("conditional");
    assertThat(lost.get("reasons").get(0).get("code").asText())
        .isEqualTo("VIRTIO_IOMMU_LOSES_DIRTY_PAGES");
    assertThat(without.get("reasons").findValuesAsText("code")).containsOnly("HOST_ASSUMED");
    assertThat(before.get("verdict").asText()).isEqualTo("refused");
  }

  /** Seen on 11.1.3: "File exists" for each mapping and sync, no bitmap, and it completes. */
  @Test
  void R_DT_57_anAmdIommuThatRemapsLosesWhatTheContainerTracks() throws Exception {
    String viommu = "-device AMDVI-PCI,id=ap,addr=9 -device amd-iommu,pci-id=ap,dma-remap=";
    String tracked = " " + DEVICE + ",x-device-dirty-page-tracking=off,enable-migration=on";
    String[] asked = {"--qemu-version", "11.1", "--format", "json"};

    JsonNode lost = json(check(viommu + "on" + tracked, asked));
    JsonNode passing = json(check(viommu + "off" + tracked, asked));

    assertThat(lost.get("verdict").asText()).isEqualTo("conditional");
    assertThat(lost.get("reasons").get(0).get("code").asText())
        .isEqualTo("AMD_IOMMU_LOSES_DIRTY_PAGES");
    assertThat(passing.toString()).doesNotContain("AMD_IOMMU_LOSES_DIRTY_PAGES");
  }

  @Test
  void R_OBS_111_theTextSaysThatNobodyTracks() throws Exception {
    Files.writeString(
        host,
        "{\"containers\":{\"dirty-tracking\":false},"
            + "\"devices\":{\"0000:01:00.0\":{\"dma-logging\":false}}}");

    CommandLineRun run = check(DEVICE + ",enable-migration=on", "--qemu-version", "10.0");

    assertThat(run.out())
        .startsWith("conditional: ")
        .contains(
            "TRACKED_BY_NOBODY, device",
            "nobody tracks; what is written into pages that were sent is lost");
  }
}
