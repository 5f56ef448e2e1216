package io.github.stopcopy.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.memory.DirtyLogMask;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Runs that stay are passed on only to a listener that wants to hear of them (R-AS-51). */
class GuardedListenerTest {

  private final ListenerGuard guard = new ListenerGuard("mine", PluginWatch.NONE);

  private boolean takesRegionNop(MemoryListener listener) {
    return new GuardedListener(guard, Optional.empty(), listener).takesRegionNop();
  }

  @Test
  void R_AS_51_itTakesWhatItsListenerTakes() {
    assertThat(takesRegionNop(new MemoryListener() {})).isFalse();
    assertThat(
            takesRegionNop(
                new MemoryListener() {
                  @Override
                  public void regionNop(MemorySection section) {}
                }))
        .isTrue();
    assertThat(guard.problem()).isEmpty();
  }

  @Test
  void oneThatThrowsWhenItIsAskedTakesNothing() {
    assertThat(
            takesRegionNop(
                new MemoryListener() {
                  @Override
                  public boolean takesRegionNop() {
                    throw new IllegalStateException("no idea");
                  }
                }))
        .isFalse();
    assertThat(guard.problem()).get().asString().contains("takesRegionNop threw");
  }

  @Test
  void oneThatAnswersNullHasFailed() {
    assertThat(guard.ask("report", () -> null)).isEmpty();
    assertThat(guard.problem())
        .contains("memory listener mine failed and is left out: report answered null");
  }

  /** What logs writes to a region changes in both directions. */
  @Test
  void R_AS_70_itIsToldThatLoggingOfARegionStartsAndStops() {
    List<String> told = new ArrayList<>();
    MemoryListener noting =
        new MemoryListener() {
          @Override
          public void logStart(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
            told.add("log_start " + section.range() + " " + before.equals(DirtyLogMask.NONE));
          }

          @Override
          public void logStop(MemorySection section, DirtyLogMask before, DirtyLogMask after) {
            told.add("log_stop " + section.range() + " " + after.equals(DirtyLogMask.NONE));
          }
        };
    GuardedListener guarded = new GuardedListener(guard, Optional.empty(), noting);
    ByteSize size = ByteSize.of(0x1000);
    MemorySection section =
        new MemorySection(new GuestMemory(false, false).ram("ram", size), 0, 0, size, false, false);
    DirtyLogMask migration = new DirtyLogMask(false, false, true);

    guarded.logStart(section, DirtyLogMask.NONE, migration);
    guarded.logStop(section, migration, DirtyLogMask.NONE);

    assertThat(told).containsExactly("log_start [0x0,0xfff] true", "log_stop [0x0,0xfff] true");
  }
}
