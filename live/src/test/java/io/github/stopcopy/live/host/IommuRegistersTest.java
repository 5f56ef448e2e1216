package io.github.stopcopy.live.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.host.HostFacts;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R-HOST C1: address width, page sizes and dirty tracking from the registers in sysfs. */
class IommuRegistersTest {

  @TempDir private Path folder;

  private IommuRegisters read(String kernel, String commandLine, String... files) throws Exception {
    Tree tree = new Tree(folder);
    tree.file("proc/sys/kernel/osrelease", kernel + "\n").file("proc/cmdline", commandLine + "\n");
    for (int i = 0; i < files.length; i += 2) {
      tree.file("sys/class/iommu/x/" + files[i], files[i + 1] + "\n");
    }
    HostTree host = tree.files();
    Machine machine = Machine.read(host, HostFacts.builder(), new Findings());
    return IommuRegisters.read(host, machine, "x");
  }

  @ParameterizedTest(name = "MGAW {0}, SAGAW {1}: {2} bits")
  @CsvSource({"46, 4, 46", "57, 4, 48", "57, 12, 57", "39, 6, 39", "48, 2, 39"})
  void R_HOST_C1_theApertureIsTheLesserOfMgawAndAgaw(int mgaw, int sagaw, int bits)
      throws Exception {
    String cap = Long.toHexString((long) (mgaw - 1) << 16 | (long) sagaw << 8);
    assertThat(read("6.12", "", "intel-iommu/cap", cap).addressBits()).hasValue(bits);
  }

  @ParameterizedTest(name = "SLLPS {0}: {1}")
  @CsvSource({"0, 0x1000", "1, 0x201000", "3, 0x40201000"})
  void R_HOST_C1_largePagesAreInCap(int sllps, String sizes) throws Exception {
    String cap = Long.toHexString((long) sllps << 34 | 0x2f0400);
    assertThat(read("6.12", "", "intel-iommu/cap", cap).pageSizes()).hasValue(Long.decode(sizes));
  }

  @ParameterizedTest
  @CsvSource({
    // SLADS 45, SMPWC 48, SMTS 43
    "6.12, intel_iommu=on+sm_on, 1280000000000, true",
    "6.12, intel_iommu=sm_off intel_iommu=sm_on, 1280000000000, true",
    "6.12, intel_iommu=on+sm_off, 1280000000000, false",
    "6.12, quiet, 1280000000000, ",
    "6.12, xintel_iommu=sm_on, 1280000000000, ",
    "6.12, intel_iommu=sm_on, 0280000000000, ", // without SMPWC
    "6.12, intel_iommu=sm_on, 1080000000000, false", // without SLADS
    "6.12, intel_iommu=sm_on, 1200000000000, false", // without SMTS
    "6.6, intel_iommu=sm_on, 1280000000000, false",
    "6.12, intel_iommu=sm_on, none, ",
    "unknown, intel_iommu=sm_on, 1280000000000, "
  })
  void R_HOST_C1_intelTracksWithThreeBitsAndScalableMode(
      String kernel, String commandLine, String ecap, Boolean tracks) throws Exception {
    assertThat(
            read(
                    kernel,
                    commandLine.replace('+', ','),
                    "intel-iommu/cap",
                    "2f0400",
                    "intel-iommu/ecap",
                    ecap)
                .tracks()
                .orElse(null))
        .isEqualTo(tracks);
  }

  @ParameterizedTest
  @CsvSource({
    "6.7, 10000000000000, true",
    "6.7, 10000000000000:1d, true",
    "6.7, 1d:10000000000000, true",
    "6.7, 0x10000000000000, true",
    "6.7, ef00000000000, false",
    "6.6, 10000000000000, false",
    "none, 10000000000000, ",
    "6.7, HDSup, ",
    "6.7, 1:2:3, "
  })
  void R_HOST_C1_amdTracksWithHdSup(String kernel, String features, Boolean tracks)
      throws Exception {
    assertThat(read(kernel, "", "amd-iommu/features", features).tracks().orElse(null))
        .isEqualTo(tracks);
  }

  @Test
  void R_HOST_C1_ofOthersNothingIsInSysfs() throws Exception {
    IommuRegisters arm = read("6.12", "", "arm-smmu-v3/x", "1");
    assertThat(arm.addressBits()).isEmpty();
    assertThat(arm.tracks()).isEmpty();
  }

  @Test
  void R_HOST_C2_whatIsReservedIsCutOut() {
    List<AddressRange> reserved =
        List.of(
            new AddressRange(0xfee00000L, 0xfeefffffL),
            new AddressRange(0, 0xfff),
            new AddressRange(0xfeef0000L, 0xfef0ffffL),
            new AddressRange(0x10000000000L, -1));
    assertThat(IommuGroup.without((1L << 48) - 1, reserved))
        .containsExactly(
            new AddressRange(0x1000, 0xfedfffffL), new AddressRange(0xfef10000L, 0xffffffffffL));
    assertThat(IommuGroup.without(0xfff, reserved)).isEmpty();
    assertThat(IommuGroup.without(-1, List.of())).containsExactly(new AddressRange(0, -1));
  }
}
