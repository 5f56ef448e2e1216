package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A run of pages is heard of as the same pages one by one (R-AS-84). */
class IotlbRunTest {

  private static final class Silent implements IommuModel {
    @Override
    public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
      return Optional.empty();
    }

    @Override
    public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
      return Optional.empty();
    }
  }

  private static IotlbRun run(
      IotlbEvent.Type type, long iova, long size, long to, long pages, long step) {
    boolean isMap = type == IotlbEvent.Type.MAP;
    IommuAccess access = isMap ? IommuAccess.READ : IommuAccess.NONE;
    return new IotlbRun(
        new IotlbEvent(type, new IotlbEntry(null, iova, to, size - 1, access)), pages, step);
  }

  @Test
  void pagesFollowEachOther() {
    IotlbRun run = run(IotlbEvent.Type.MAP, 0x4000, 0x2000, 0x50000, 3, 0x2000);
    List<IotlbEntry> entries = new ArrayList<>();
    run.forEach(event -> entries.add(event.entry()));

    assertThat(entries)
        .containsExactly(
            new IotlbEntry(null, 0x4000, 0x50000, 0x1fff, IommuAccess.READ),
            new IotlbEntry(null, 0x6000, 0x52000, 0x1fff, IommuAccess.READ),
            new IotlbEntry(null, 0x8000, 0x54000, 0x1fff, IommuAccess.READ));
    assertThat(run.pageSize()).isEqualTo(0x2000);
    assertThat(run.lastIova()).isEqualTo(0x9fff);
    assertThat(run(IotlbEvent.Type.UNMAP, 0, 0x1000, 0, 9, 0).event(8).entry())
        .isEqualTo(new IotlbEntry(null, 0x8000, 0, 0xfff, IommuAccess.NONE));
    assertThatThrownBy(() -> run.event(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aRunEndsWithTheSpace() {
    assertThat(run(IotlbEvent.Type.UNMAP, -0x3000, 0x1000, 0, 3, 0).lastIova()).isEqualTo(-1);
    assertThat(run(IotlbEvent.Type.UNMAP, 0, 0, 0, 1, 0).lastIova()).isEqualTo(-1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(IotlbEvent.Type.UNMAP, -0x3000, 0x1000, 0, 4, 0))
        .withMessage("4 pages from 0xffffffffffffd000 reach beyond 2^64-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(IotlbEvent.Type.UNMAP, 0, 0, 0, 2, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(IotlbEvent.Type.UNMAP, 0, 1, 0, 0, 0))
        .withMessageContaining("0 pages");
  }

  /** What notifiers hear, who of them, in order, and what is refused. */
  private static List<String> heard(long seed, boolean atOnce) {
    SplittableRandom random = new SplittableRandom(seed);
    GuestMemory memory = new GuestMemory(false, true);
    MemoryRegion.Iommu region = memory.iommu("iommu", ALL, new Silent());
    List<String> heard = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int who = i;
      long start = random.nextInt(20) * 0x800L;
      NotifierFlags flags =
          new NotifierFlags(random.nextBoolean(), random.nextBoolean(), random.nextBoolean());
      if (!flags.equals(NotifierFlags.NONE)) {
        region.register(
            new IommuNotifier(
                flags,
                start,
                start + 0x800L * random.nextInt(20) + 0x7ff,
                entry -> heard.add(who + " " + entry)));
      }
    }
    for (int i = 0; i < 4; i++) {
      IotlbEvent.Type[] types = IotlbEvent.Type.values();
      long step = random.nextInt(2) * 0x1000L;
      IotlbRun run =
          run(
              types[random.nextInt(types.length)],
              random.nextInt(10) * 0x1000L,
              0x1000,
              random.nextInt(10) * 0x1000L,
              1 + random.nextInt(10),
              step);
      try {
        if (atOnce) {
          region.notifyAll(run);
        } else {
          run.forEach(region::notifyAll);
        }
      } catch (IllegalArgumentException beyond) {
        heard.add(beyond.getMessage());
      }
    }
    return heard;
  }

  @Test
  void R_AS_84_whoHearsOfARunHearsThePagesOneByOne() {
    Seeds.run(1000, seed -> assertThat(heard(seed, true)).isEqualTo(heard(seed, false)));
  }

  @Test
  void R_AS_84_whoTakesRunsGetsOneForAllPages() {
    List<IotlbRun> runs = new ArrayList<>();
    List<IotlbEntry> entries = new ArrayList<>();
    IotlbListener listener =
        new IotlbListener() {
          @Override
          public void changed(IotlbEntry entry) {
            entries.add(entry);
          }

          @Override
          public void changed(IotlbRun run) {
            runs.add(run);
          }
        };
    NotifierFlags maps = new NotifierFlags(true, false, false);
    MemoryRegion.Iommu region = new GuestMemory(false, true).iommu("iommu", ALL, new Silent());
    region.register(IommuNotifier.ofRuns(maps, 0x1000, 0x100000fffL, listener));
    region.register(IommuNotifier.ofRuns(maps, 0x200000000L, -1, listener));
    IotlbRun run = run(IotlbEvent.Type.MAP, 0x1000, 0x1000, 0, 1 << 20, 0x1000);

    region.notifyAll(run);
    region.notifyAll(run(IotlbEvent.Type.UNMAP, 0x1000, 0x1000, 0, 1 << 20, 0));
    region.notifyAll(run(IotlbEvent.Type.MAP, 0, 0x1000, 0, 1, 0x1000));

    assertThat(runs).containsExactly(run);
    assertThat(entries).isEmpty();
  }
}
