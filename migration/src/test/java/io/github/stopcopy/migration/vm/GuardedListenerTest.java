package io.github.stopcopy.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemorySection;
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
}
