package io.github.stopcopy.live.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.json.HostDocument.Note;
import io.github.stopcopy.json.HostJson;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R-HOST: what a host tells, what is assumed, and what is told by a probe. */
class LinuxHostTest {

  private static final String VF = "0000:3b:00.2";
  private static final String DEBUGFS = "sys/kernel/debug/vfio/" + VF + "/migration/";

  @TempDir private Path folder;
  private Tree tree;

  @BeforeEach
  void aHostWithOneDevice() throws Exception {
    tree = new Tree(folder);
    tree.file("proc/sys/kernel/osrelease", "6.18.1\n").device(VF, "mlx5_vfio_pci", 7);
  }

  private HostReport read() throws InputException {
    return LinuxHost.below(folder).vfioDevices();
  }

  private HostDevice device() throws InputException {
    return read().facts().device(VF);
  }

  private Finding finding(String fact) throws InputException {
    return finding(read(), fact);
  }

  private static Finding finding(HostReport report, String fact) {
    return report.findings().stream()
        .filter(one -> one.fact().equals(fact) && !one.subject().equals("host"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void R_HOST_C1_featuresOfDebugfsAreTheAnswerOfTheKernel() throws Exception {
    tree.file(DEBUGFS + "features", "stop-copy\npre-copy\ndirty-tracking\n");
    assertThat(device().migration()).isEqualTo(MigrationSupport.of(true, false, true));
    assertThat(device().dmaLogging().supported()).isTrue();
    assertThat(device().given()).contains(Fact.MIGRATION, Fact.DMA_LOGGING);
    assertThat(finding("migration").origin()).isEqualTo("debugfs");
  }

  @Test
  void R_HOST_C1_withoutTheWordTheDeviceDoesNotLog() throws Exception {
    tree.file(DEBUGFS + "features", "stop-copy p2p\n");
    assertThat(device().dmaLogging()).isEqualTo(HostDevice.DmaLogging.NONE);
  }

  @Test
  void featuresOfANewerKernelAreNamedAndLeftAlone() throws Exception {
    tree.file(DEBUGFS + "features", "stop-copy\nteleport\n");
    assertThat(read().notes())
        .containsExactly(
            new Note(
                VF,
                "/"
                    + DEBUGFS
                    + "features tells features that this program does not know:"
                    + " teleport"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "p2p\n", "\u0001\u0002\u0003", "stop-copy <script>\n"})
  void whatIsNoListOfFeaturesTellsNothing(String text) throws Exception {
    tree.file(DEBUGFS + "features", text);
    assertThat(finding("migration").certainty()).isEqualTo(Certainty.ASSUMED);
  }

  @Test
  void R_HOST_C1_aDeviceOfDebugfsWithoutTheFolderCannotMigrate() throws Exception {
    tree.folder("sys/kernel/debug/vfio/" + VF);
    assertThat(device().migration()).isEqualTo(MigrationSupport.failing(Errno.ENOTTY));
    assertThat(finding("migration").certainty()).isEqualTo(Certainty.KNOWN);
    assertThat(finding("dma-logging").certainty()).isEqualTo(Certainty.ASSUMED);
  }

  @Test
  void R_HOST_C1_whoHasTheFolderCanMigrateWhateverTheTableSaysOfItsRelease() throws Exception {
    tree.file("proc/sys/kernel/osrelease", "6.8.0-rc1\n")
        .device("0000:01:00.1", "virtio_vfio_pci", 9);
    assertThat(read().facts().device("0000:01:00.1").migration().error()).contains(Errno.ENOTTY);
    tree.folder("sys/kernel/debug/vfio/0000:01:00.1/migration");
    assertThat(read().facts().device("0000:01:00.1").migration())
        .isEqualTo(MigrationSupport.of(true, true, true));
  }

  @Test
  void whatAPlainDriverCanDoBesideIsNotMadeUp() throws Exception {
    tree.device("0000:01:00.1", "vfio-pci", 9)
        .folder("sys/kernel/debug/vfio/0000:01:00.1/migration");
    assertThat(read().findings())
        .filteredOn(one -> one.subject().equals("0000:01:00.1") && one.fact().equals("migration"))
        .extracting(Finding::certainty)
        .containsExactly(Certainty.UNKNOWN);
  }

  /** Facts of the table are there to be seen, and a decision counts them as assumed. */
  @Test
  void R_HOST_C4_theTableStandsInAndIsReadBackAsAssumed() throws Exception {
    HostReport report = read();
    assertThat(device().migration()).isEqualTo(MigrationSupport.of(true, true, false));
    assertThat(device().given()).containsExactly(Fact.GROUP);
    assertThat(finding("migration").origin()).isEqualTo("driver table");
    assertThat(finding("dma-logging").value()).isEqualTo("yes, if its firmware can");
    String json = HostJson.write(report.document());
    assertThat(HostJson.read("host.json", json)).isEqualTo(report.facts());
  }

  @Test
  void R_HOST_C4_ofADriverThatNobodyKnowsNothingIsAssumed() throws Exception {
    tree.device("0000:01:00.1", "acme_vfio_pci", 9);
    assertThat(read().findings())
        .filteredOn(one -> one.subject().equals("0000:01:00.1"))
        .filteredOn(one -> one.fact().equals("migration") || one.fact().equals("dma-logging"))
        .allSatisfy(one -> assertThat(one.certainty()).isEqualTo(Certainty.UNKNOWN));
  }

  @Test
  void R_HOST_C1_thePhysicalFunctionIsNotWhatItsDriverMigrates() throws Exception {
    tree.file(PciDevice.FOLDER + "/" + VF + "/sriov_totalvfs", "8\n");
    assertThat(finding("migration").certainty()).isEqualTo(Certainty.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({"6.18.0, CONFIG_VFIO_DEBUGFS", "6.12.0, Linux 6.18 or newer"})
  void whatWouldTellMoreDependsOnTheKernel(String kernel, String better) throws Exception {
    tree.file("proc/sys/kernel/osrelease", kernel + "\n");
    assertThat(finding("migration").better()).contains(better, "the probe");
  }

  @ParameterizedTest
  @CsvSource({"5.8.0, true", "5.7.19, false"})
  void R_HOST_C2_typeOneTracksFrom58On(String kernel, boolean tracks) throws Exception {
    tree.file("proc/sys/kernel/osrelease", kernel + "\n");
    assertThat(read().facts().container().dirtyTracking()).isEqualTo(tracks);
    assertThat(finding("dirty-tracking").origin()).isEqualTo("kernel");
  }

  @Test
  void R_HOST_C1_theLimitOfMappingsIsAParameter() throws Exception {
    tree.file("sys/module/vfio_iommu_type1/parameters/dma_entry_limit", "1000\n");
    assertThat(read().facts().container().dmaAvailable()).isEqualTo(1000);
  }

  @Test
  void R_HOST_C1_devicesOfHostDriversAreLeftOutUnlessTheyAreNamed() throws Exception {
    tree.device("0000:00:02.0", "i915", 1)
        .device("0000:00:1c.0", "pcieport", 2)
        .file(PciDevice.FOLDER + "/0000:00:1c.0/class", "0x060400\n")
        .device("0000:00:03.0", "nvme", 3);
    LinuxHost host = LinuxHost.below(folder);

    assertThat(host.vfioDevices().facts().devices()).containsOnlyKeys(VF);
    assertThat(host.vfioDevices().others()).containsExactly("0000:00:02.0", "0000:00:03.0");
    assertThat(host.allDevices().facts().devices())
        .containsOnlyKeys("0000:00:02.0", "0000:00:03.0", VF);
    HostReport named = host.devices(List.of("00:02.0"));
    assertThat(named.facts().devices()).containsOnlyKeys("0000:00:02.0");
    assertThat(finding(named, "migration").better()).contains("bind it to a VFIO driver");
    assertThatThrownBy(() -> host.devices(List.of("0000:00:09.0")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("device '0000:00:09.0' is not below");
  }

  @Test
  void R_HOST_C1_aGroupThatAHostDriverSharesIsToldOnce() throws Exception {
    for (int i = 0; i < 8; i++) {
      tree.device("0000:3b:01." + i, "mlx5_core", 7);
    }
    assertThat(read().notes())
        .singleElement()
        .satisfies(note ->
            assertThat(note.text())
                .contains("IOMMU group 7", "0000:3b:01.0 (mlx5_core)", "and 2 more."));
  }

  private static final String PROBED =
      "{\"page-size\":4096,\"devices\":{\""
          + VF
          + "\":{\"group\":7,\"migration\":[\"stop-copy\"],"
          + "\"dma-logging\":false,\"bars\":{\"0\":{\"size\":4096,\"kind\":\"mem32\",\"mmap\":false}}}},"
          + "\"containers\":{\"iova-ranges\":[[0,\"0xffff\"],[\"0x20000\",\"0x2ffff\"]],"
          + "\"page-sizes\":\"0x201000\",\"iommu-dirty-tracking\":true,\"dma-available\":10}}";

  @Test
  void R_HOST_C3_whatAProbeWasToldOutdoesTheRest() throws Exception {
    tree.file(DEBUGFS + "features", "stop-copy\np2p\ndirty-tracking\n");
    HostReport report = LinuxHost.below(folder).probed("probe.json", PROBED).vfioDevices();

    assertThat(report.facts().device(VF).migration())
        .isEqualTo(MigrationSupport.of(true, false, false));
    assertThat(report.facts().device(VF).dmaLogging().supported()).isFalse();
    assertThat(report.facts().device(VF).bars().get(0).mmap()).isFalse();
    assertThat(report.facts().container().iommuDirtyTracking()).contains(true);
    assertThat(report.facts().container().iovaRanges())
        .containsExactly(new AddressRange(0, 0xffff), new AddressRange(0x20000, 0x2ffff));
    assertThat(finding(report, "migration").origin()).isEqualTo("probe");
    assertThat(HostJson.write(report.document())).contains("\"iommu-dirty-tracking\": \"probe\"");
  }

  @Test
  void R_HOST_C3_ofTwoProbesWhatBothSayOfTheIommuHolds() throws Exception {
    String other =
        "{\"containers\":{\"iova-ranges\":[[\"0x8000\",\"0x28000\"]],\"page-sizes\":\"0x1000\","
            + "\"iommu-dirty-tracking\":false,\"dma-available\":99}}";
    HostReport report =
        LinuxHost.below(folder)
            .probed("probe.json", PROBED)
            .probed("other.json", other)
            .vfioDevices();

    assertThat(report.facts().container().iovaRanges())
        .containsExactly(new AddressRange(0x8000, 0xffff), new AddressRange(0x20000, 0x28000));
    assertThat(report.facts().container().pageSizes()).isEqualTo(0x1000);
    assertThat(report.facts().container().iommuDirtyTracking()).contains(false);
    assertThat(report.facts().container().dmaAvailable()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'devices':{'0000:ff:00.0':{}}} | device '0000:ff:00.0' is none of this host",
        "{'devices':{'0000:3b:00.2':{'driver':'x'}}} | key 'driver' of 0000:3b:00.2 is not told",
        "{'kernel':'6.1'} | key 'kernel' of host is not told by the probe",
        "{'containers':{'shared':true}} | key 'shared' of containers is not told by the probe",
        "[] | the JSON is []"
      })
  void whatIsNoProbeOfThisHostIsRefused(String json, String message) {
    assertThatThrownBy(() ->
            LinuxHost.below(folder).probed("probe.json", json.replace('\'', '"')).vfioDevices())
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("probe.json:")
        .hasMessageContaining(message);
  }

  @Test
  void probesThatHaveNoAddressInCommonAreRefused() throws Exception {
    LinuxHost host =
        LinuxHost.below(folder)
            .probed("a", "{\"containers\":{\"iova-ranges\":[[0,1]]}}")
            .probed("b", "{\"containers\":{\"iova-ranges\":[[2,3]]}}");
    assertThatThrownBy(host::vfioDevices).hasMessageContaining("no address in common");
  }

  /** An empty list of ranges would stand for all. */
  @Test
  void aReservationOfEverythingIsNotReadAsFreedom() throws Exception {
    tree.file(
        "sys/kernel/iommu_groups/7/reserved_regions",
        "0x0000000000000000 0xffffffffffffffff reserved\n");
    assertThat(finding("iova-ranges").certainty()).isEqualTo(Certainty.UNKNOWN);
  }

  /** What is reserved for firmware binds no device that a VM can get. */
  @Test
  void R_HOST_C1_theRegionsOfAGroupOfFirmwareDoNotCount() throws Exception {
    tree.device("0000:00:1f.2", "vfio-pci", 8)
        .file("sys/kernel/iommu_groups/8/reserved_regions", "0x1000 0x1fff direct\n")
        .file("sys/kernel/iommu_groups/7/reserved_regions", "0xfee00000 0xfeefffff msi\n");
    assertThat(read().facts().container().iovaRanges())
        .containsExactly(new AddressRange(0, 0xfedfffffL), new AddressRange(0xfef00000L, -1));
    assertThat(read().notes()).extracting(Note::subject).containsExactly("0000:00:1f.2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense\n", "0x10 0x5 msi\n", "0x1 0x2\n"})
  void reservedRegionsThatAreNoneTellNothing(String text) throws Exception {
    tree.file("sys/kernel/iommu_groups/7/reserved_regions", text);
    assertThat(finding("iova-ranges").certainty()).isEqualTo(Certainty.UNKNOWN);
  }

  @Test
  void aFolderThatIsNoRootIsRefused() {
    assertThatThrownBy(() -> LinuxHost.below(folder.resolve("sys/bus")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("neither sys nor proc is here");
    assertThatThrownBy(() -> LinuxHost.below(folder.resolve("nowhere")))
        .hasMessageContaining("no such folder");
  }
}
