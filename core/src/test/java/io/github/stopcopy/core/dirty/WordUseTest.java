package io.github.stopcopy.core.dirty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who may be alone with the words of a bitmap. */
class WordUseTest {

  private static final long PAGES = 1L << 28;

  private final WordUse use = new WordUse(PAGES);

  @Test
  void aBitmapHasAtMost16PartsOfAtLeastAWordOfTheSummary() {
    assertThat(new WordUse(0).parts()).isEqualTo(1);
    assertThat(new WordUse(1 << 15).parts()).isEqualTo(1);
    assertThat(new WordUse((1 << 15) + 1).parts()).isEqualTo(2);
    assertThat(use.parts()).isEqualTo(16);
    assertThat(new WordUse(PAGES + 1).parts()).isEqualTo(9);
    assertThat(new WordUse(DirtyBitmap.MAX_PAGES).parts()).isEqualTo(16);
    assertThat(use.part(use.firstPage(3))).isEqualTo(3);
    assertThat(use.part(use.firstPage(3) - 1)).isEqualTo(2);
    assertThat(use.part(PAGES - 1)).isEqualTo(15);
  }

  @Test
  void onlyTheOnlyOneInAPartIsAlone() {
    assertThat(use.beAlone(3)).as("has not entered").isFalse();
    assertThat(use.enter(3)).isTrue();
    assertThat(use.enter(4)).isTrue();
    assertThat(use.enter(4)).isTrue();
    assertThat(use.beAlone(3)).isTrue();
    assertThat(use.beAlone(4)).isFalse();
    use.leave(4);
    assertThat(use.beAlone(4)).isTrue();
    assertThat(use.beAlone(4)).as("already").isFalse();
    use.beTogether(3);
    use.leave(3);
    assertThat(use.beAlone(3)).isFalse();
  }

  @Test
  void nobodyIsAloneOnceTheWordsAreShared() {
    assertThat(use.enter(0)).isTrue();
    use.share();
    assertThat(use.beAlone(0)).isFalse();
    use.leave(0);
    assertThat(use.enter(15)).isFalse();
    assertThat(use.beAlone(15)).isFalse();
    use.share();
    assertThat(use.enter(0)).isFalse();
  }

  @Test
  void othersWaitForTheOneThatIsAlone() throws InterruptedException {
    use.enter(1);
    use.beAlone(1);
    AtomicBoolean entered = new AtomicBoolean();
    AtomicBoolean shared = new AtomicBoolean();
    Thread entering =
        new Thread(() -> {
          use.enter(1);
          entered.set(true);
        });
    Thread sharing =
        new Thread(() -> {
          use.share();
          shared.set(true);
        });
    entering.start();
    sharing.start();
    entering.join(20);
    sharing.join(20);
    assertThat(entered).isFalse();
    assertThat(shared).isFalse();
    use.beTogether(1);
    entering.join();
    sharing.join();
    assertThat(entered).isTrue();
    assertThat(shared).isTrue();
  }
}
