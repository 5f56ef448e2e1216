package io.github.stopcopy.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.cost.TrackedLayout;
import io.github.stopcopy.migration.cost.TrackingCost;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tables within 80 columns, whatever stands in them, and every column there. */
class CostTableTest {

  /** 1023.99 GiB, the longest that a size can be. */
  private static final long UNCOVERED = 1_099_500_886_426L;

  /** 1023.99 TiB. */
  private static final long ODD = UNCOVERED << 10;

  private static LayoutCost cost(TrackedLayout layout, StartResult answer, long bytes) {
    List<AddressRange> ranges = List.of(new AddressRange(0, bytes - 1));
    boolean isGranted = answer instanceof StartResult.Granted;
    return new LayoutCost(
        layout,
        ranges,
        layout == TrackedLayout.BOOT ? List.of("32", "64", "pci64") : List.of(),
        BigInteger.valueOf(bytes / 3),
        BigInteger.valueOf(UNCOVERED),
        answer,
        isGranted ? ranges : List.of(),
        layout == TrackedLayout.VIOMMU_39
            ? Optional.of("it is narrower than the VM's RAM")
            : Optional.empty());
  }

  private static String table(String tracker, long bytes, int devices) {
    List<TrackingCost> costs = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      costs.add(
          new TrackingCost(
              "0000:3b:00." + i,
              tracker,
              512 << 10,
              List.of(
                  cost(TrackedLayout.EXACT, new StartResult.Granted(512 << 10), bytes),
                  cost(TrackedLayout.BOOT, new StartResult.Granted(4096), bytes),
                  cost(TrackedLayout.VIOMMU_39, new StartResult.Granted(4096), bytes),
                  cost(
                      TrackedLayout.VIOMMU_48,
                      new StartResult.Refused(Errno.EOPNOTSUPP, "more than 2 ranges"),
                      bytes))));
    }
    return CostTable.write(costs, name -> name + " (hostdev0)");
  }

  @Test
  void whatFitsStandsInOneBlock() {
    assertThat(table("mlx5", 1L << 39, 1))
        .isEqualTo(
            """
              device 0000:3b:00.0 (hostdev0), pages of 512 KiB
                asked to track         ranges  tracked   bitmap  for nothing
                RAM and nothing else        1  512 GiB  128 KiB       66.7 %
                boot layout (the RFC)       1  512 GiB  128 KiB       66.7 %
                  and what is not known without BAR addresses: 32, 64, pci64
                vIOMMU, 39 bits        means nothing here: it is narrower than the VM's RAM
                vIOMMU, 48 bits             1  512 GiB  128 KiB       66.7 %
                tracked by a device of  1 range  4 ranges      2^n
                RAM and nothing else    512 GiB   512 GiB  512 GiB
                boot layout (the RFC)   512 GiB   512 GiB  512 GiB
                vIOMMU, 48 bits         512 GiB   512 GiB  512 GiB
                mlx5 logs              ranges   logged   bitmap  in pages  RAM not covered
                RAM and nothing else        1  512 GiB  128 KiB   512 KiB      1023.99 GiB
                boot layout (the RFC)       1  512 GiB   16 MiB     4 KiB      1023.99 GiB
                vIOMMU, 48 bits        refused by the device: Operation not supported (more
                                       than 2 ranges)
            """);
  }

  /** The layouts are named again there; what has words in place of numbers is not told twice. */
  @Test
  void whatFindsNoRoomStandsBelow() {
    assertThat(table("mlx5", ODD, 1))
        .endsWith(
            """
                mlx5 logs              ranges       logged   bitmap  in pages
                RAM and nothing else        1  1023.99 TiB  256 MiB   512 KiB
                boot layout (the RFC)       1  1023.99 TiB   32 GiB     4 KiB
                vIOMMU, 48 bits        refused by the device: Operation not supported (more
                                       than 2 ranges)
                mlx5 logs              RAM not covered
                RAM and nothing else       1023.99 GiB
                boot layout (the RFC)      1023.99 GiB
            """);
  }

  @Test
  void noLineIsLongerThan80Columns() {
    for (String tracker : List.of("mlx5", "a-tracker-of-somebody-else-with-a-name")) {
      for (long bytes : new long[] {4096, 1L << 39, ODD, 1L << 48}) {
        for (int devices : new int[] {1, 4}) {
          String table = table(tracker, bytes, devices);
          assertThat(table.lines())
              .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
          assertThat(table.split("\\s+"))
              .contains("ranges", "tracked", "bitmap", "2^n", "logged", tracker);
          assertThat(table).contains("for nothing", "1 range", "4 ranges", "RAM not covered");
        }
      }
    }
  }
}
