package io.github.stopcopy.vfiopci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.testkit.Seeds;
import io.github.stopcopy.vfiopci.DmaMapping;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where mappings and the log of the IOMMU's hardware begin and end, up to the top of the space. */
class SimulatedContainerTest {

  private static final long TOP_PAGE = -4096;

  private final SimulatedContainer iommufd =
      new SimulatedContainer(HostContainer.builder().iommuDirtyTracking(true).build(), 4096, true);

  private static AddressRange bytes(long first, long last) {
    return new AddressRange(first, last);
  }

  private static DmaMapping page(long iova) {
    return new DmaMapping(iova, 0x1000, iova, false);
  }

  private static void map(SimulatedContainer container, long... iovas) {
    for (long iova : iovas) {
      assertThat(container.map(page(iova))).isEmpty();
    }
  }

  @Test
  void whenItsLastGroupLeavesNothingStaysMapped() {
    SimulatedContainer container = new SimulatedContainer(HostContainer.CAPABLE, 4096, false);
    container.addGroup(1);
    container.addGroup(2);
    map(container, 0);
    container.removeGroup(1);
    assertThat(container.mappings()).containsExactly(page(0));
    container.removeGroup(2);
    assertThat(container.mappings()).isEmpty();
  }

  @Test
  void whatLiesDirectlyBesideAMappingCanBeMapped() {
    map(iommufd, 0x3000, 0x2000, 0x4000);
    assertThat(iommufd.map(page(0x3000))).contains(Errno.EEXIST);
  }

  @Test
  void R_DT_24_whatCannotTrackRefusesToBegin() {
    HostContainer unable = HostContainer.builder().dirtyTracking(false).build();
    SimulatedContainer container = new SimulatedContainer(unable, 4096, false);
    assertThat(container.setDirtyTracking(true)).contains(Errno.ENOTTY);
    assertThat(container.setDirtyTracking(false)).contains(Errno.ENOTTY);
  }

  @Test
  void R_LST_50_anUnmapHandsOverItsOwnPagesAndNoOther() {
    map(iommufd, 0x1000, 0x2000);
    iommufd.setDirtyTracking(true);
    iommufd.dmaWrite(bytes(0x1000, 0x2fff));
    DirtyLog gone = new DirtyLog(4096);
    assertThat(iommufd.unmap(0x1000, 0x1000, gone)).isEmpty();
    assertThat(gone.dirtyRanges()).containsExactly(bytes(0x1000, 0x1fff));
    DirtyLog left = new DirtyLog(4096);
    assertThat(iommufd.readDirtyPages(0, 0x10000, left)).isEmpty();
    assertThat(left.dirtyRanges()).containsExactly(bytes(0x2000, 0x2fff));
  }

  @Test
  void R_DT_25_theLastPageOfTheSpaceIsTrackedToo() {
    map(iommufd, TOP_PAGE);
    iommufd.setDirtyTracking(true);
    iommufd.dmaWrite(bytes(-1, -1));
    DirtyLog read = new DirtyLog(4096);
    assertThat(iommufd.readDirtyPages(TOP_PAGE, 0x1000, read)).isEmpty();
    assertThat(read.dirtyRanges()).containsExactly(bytes(TOP_PAGE, -1));
    iommufd.dmaWrite(bytes(TOP_PAGE, TOP_PAGE));
    DirtyLog gone = new DirtyLog(4096);
    assertThat(iommufd.unmap(TOP_PAGE, 0x1000, gone)).isEmpty();
    assertThat(gone.dirtyRanges()).containsExactly(bytes(TOP_PAGE, -1));
  }

  @Test
  void aRangeThatPassesTheTopOfTheSpaceIsRefused() {
    iommufd.setDirtyTracking(true);
    assertThat(iommufd.readDirtyPages(TOP_PAGE, 0x2000, new DirtyLog(4096))).contains(Errno.EINVAL);
    assertThat(iommufd.readDirtyPages(0, 0, new DirtyLog(4096))).contains(Errno.EINVAL);
    assertThat(iommufd.unmap(TOP_PAGE, 0x2000, new DirtyLog(4096))).contains(Errno.EINVAL);
  }

  @Test
  void groupsOfTheirOwnAreNumberedAsTheyAreAskedFor() {
    SimulatedKernel kernel = new SimulatedKernel(HostFacts.CAPABLE);
    int first = kernel.group("a");
    assertThat(kernel.group("b")).isEqualTo(first + 1);
    assertThat(kernel.group("c")).isEqualTo(first + 2);
  }

  /** A run does what its pages do one by one, as far as it says, and nothing further. */
  @Test
  void pagesInARunAreMappedAndUnmappedAsOneByOne() {
    Seeds.forEach(
        300,
        random -> {
          HostContainer facts =
              HostContainer.builder()
                  .dmaAvailable(6 + random.nextInt(20))
                  .iovaRanges(List.of(bytes(0x2000, 0x1bfff), bytes(TOP_PAGE * 16, -1)))
                  .build();
          SimulatedContainer atOnce = new SimulatedContainer(facts, 4096, false);
          SimulatedContainer oneByOne = new SimulatedContainer(facts, 4096, false);
          for (int i = 0; i < 20; i++) {
            long size = 0x1000L << random.nextInt(2);
            long base = random.nextInt(4) == 0 ? TOP_PAGE * 36 : 0;
            long first = base + random.nextInt(12) * size;
            long pages = 1 + random.nextInt(base == 0 ? 12 : 6);
            boolean isMap = random.nextInt(3) > 0;
            long target = random.nextInt(4) * 0x100000L;
            long done =
                isMap
                    ? atOnce.mapPages(new DmaMapping(first, size, target, false), pages)
                    : atOnce.unmapPages(first, size, pages);
            for (long page = 0; page < done; page++) {
              long at = page * size;
              assertThat(
                      isMap
                          ? oneByOne.map(new DmaMapping(first + at, size, target + at, false))
                          : oneByOne.unmap(first + at, size))
                  .isEmpty();
            }
            assertThat(atOnce.mappings()).isEqualTo(oneByOne.mappings());
          }
        });
  }

  @Test
  void pagesInARunTakeOneStepUpToWhatTheContainerHolds() {
    SimulatedContainer container = new SimulatedContainer(HostContainer.CAPABLE, 4096, false);

    assertThat(container.mapPages(page(0), 100_000)).isEqualTo(65535);
    assertThat(container.mapPages(page(65535 * 0x1000L), 1)).as("it is full").isZero();
    assertThat(container.unmapPages(0, 0x1000, 100_000)).isEqualTo(100_000);
    assertThat(container.mapPages(new DmaMapping(0x1000, 0x3000, 0, false), 2)).isZero();
    assertThat(container.unmapPages(0x1000, 0x3000, 2)).isZero();
    assertThat(container.unmapPages(0x800, 0x1000, 2)).isZero();
    assertThat(container.mapPages(page(0x800), 2)).isZero();
  }
}
