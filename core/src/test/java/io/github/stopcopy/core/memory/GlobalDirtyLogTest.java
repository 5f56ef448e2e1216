package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason.DIRTY_LIMIT;
import static io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason.DIRTY_RATE;
import static io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason.MIGRATION;
import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Global dirty logging (R-AS-70 .. R-AS-73). */
class GlobalDirtyLogTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion system = memory.container("system", ALL);
  private final AddressSpace space = memory.addressSpace("memory", system);
  private final List<String> log = new ArrayList<>();
  private final RecordingListener a = new RecordingListener("a", 0, log);
  private final RecordingListener b = new RecordingListener("b", 0, log);
  private final RecordingListener c = new RecordingListener("c", 10, log);

  GlobalDirtyLogTest() {
    memory.register(c, space);
    memory.register(a, space);
    memory.register(b, space);
    log.clear();
  }

  private List<String> global() {
    List<String> lines = log.stream().filter(line -> line.contains("global")).toList();
    log.clear();
    return lines;
  }

  @Test
  void R_AS_70_theFirstReasonStartsForwardByPriority() {
    assertThat(memory.startDirtyLog(MIGRATION)).isEmpty();
    assertThat(memory.isDirtyLogOn()).isTrue();
    assertThat(global()).containsExactly("a global-start", "b global-start", "c global-start");
  }

  @Test
  void R_AS_70_furtherReasonsOrTheSameAgainTellNobody() {
    memory.startDirtyLog(DIRTY_RATE);
    log.clear();
    memory.startDirtyLog(MIGRATION);
    memory.startDirtyLog(MIGRATION);
    assertThat(log).isEmpty();
  }

  @Test
  void R_AS_71_aRefusalStopsThoseAlreadyToldInReverse() {
    QemuError refusal = QemuError.of("no room");
    c.refusal = Optional.of(refusal);
    assertThat(memory.startDirtyLog(MIGRATION)).contains(refusal);
    assertThat(log)
        .containsExactly(
            "a global-start", "b global-start", "c global-start", "b global-stop", "a global-stop");
    assertThat(memory.isDirtyLogOn()).isFalse();
  }

  @Test
  void R_AS_71_theFirstRefusalEndsIt() {
    a.refusal = Optional.of(QemuError.of("no"));
    assertThat(memory.startDirtyLog(MIGRATION)).isPresent();
    assertThat(log).containsExactly("a global-start");
  }

  @Test
  void R_AS_71_afterARefusalItCanBeTriedAgain() {
    a.refusal = Optional.of(QemuError.of("no"));
    memory.startDirtyLog(MIGRATION);
    a.refusal = Optional.empty();
    log.clear();
    assertThat(memory.startDirtyLog(MIGRATION)).isEmpty();
    assertThat(global()).hasSize(3);
  }

  @Test
  void R_AS_72_theLastReasonStopsInReverseAfterTheEmptyTransaction() {
    memory.startDirtyLog(MIGRATION);
    memory.startDirtyLog(DIRTY_LIMIT);
    log.clear();
    memory.stopDirtyLog(MIGRATION, true);
    assertThat(log).isEmpty();
    assertThat(memory.isDirtyLogOn()).isTrue();
    memory.stopDirtyLog(DIRTY_LIMIT, true);
    assertThat(log)
        .containsExactly(
            "a begin",
            "b begin",
            "c begin",
            "a commit",
            "b commit",
            "c commit",
            "c global-stop",
            "b global-stop",
            "a global-stop");
    assertThat(memory.isDirtyLogOn()).isFalse();
  }

  @Test
  void R_AS_72_stoppingWhatIsNotOnDoesNothing() {
    memory.stopDirtyLog(MIGRATION, true);
    memory.startDirtyLog(DIRTY_RATE);
    log.clear();
    memory.stopDirtyLog(MIGRATION, true);
    assertThat(log).isEmpty();
    assertThat(memory.isDirtyLogOn()).isTrue();
  }

  @Test
  void R_AS_72_whileTheVmIsStoppedTheStopWaits() {
    memory.startDirtyLog(MIGRATION);
    log.clear();
    memory.stopDirtyLog(MIGRATION, false);
    assertThat(log).isEmpty();
    assertThat(memory.isDirtyLogOn()).isTrue();
    memory.vmStarted();
    assertThat(global()).containsExactly("c global-stop", "b global-stop", "a global-stop");
    assertThat(memory.isDirtyLogOn()).isFalse();
    memory.vmStarted();
    assertThat(log).isEmpty();
  }

  @Test
  void R_AS_72_postponedStopsAreCarriedOutTogether() {
    memory.startDirtyLog(MIGRATION);
    memory.startDirtyLog(DIRTY_RATE);
    memory.stopDirtyLog(MIGRATION, false);
    memory.stopDirtyLog(DIRTY_RATE, false);
    log.clear();
    memory.vmStarted();
    assertThat(global()).containsExactly("c global-stop", "b global-stop", "a global-stop");
  }

  @Test
  void R_AS_70_startingCancelsAPostponedStopOfTheSameReason() {
    memory.startDirtyLog(MIGRATION);
    memory.stopDirtyLog(MIGRATION, false);
    log.clear();
    memory.startDirtyLog(MIGRATION);
    memory.vmStarted();
    assertThat(log).isEmpty();
    assertThat(memory.isDirtyLogOn()).isTrue();
  }

  @Test
  void R_AS_70_startingForAnotherReasonCancelsNoPostponedStop() {
    memory.startDirtyLog(MIGRATION);
    memory.stopDirtyLog(MIGRATION, false);
    memory.startDirtyLog(DIRTY_RATE);
    memory.vmStarted();
    assertThat(memory.isDirtyLogOn()).isTrue();
    memory.stopDirtyLog(DIRTY_RATE, true);
    assertThat(memory.isDirtyLogOn()).isFalse();
  }

  @Test
  void R_AS_56_insideATransactionTheEmptyOneIsPartOfIt() {
    MemoryRegion ram = memory.ram("ram", size(0x1000));
    system.add(0, ram);
    memory.unregister(b);
    memory.unregister(c);
    log.clear();
    memory.transaction(() -> {
      memory.startDirtyLog(MIGRATION);
      assertThat(log).containsExactly("a global-start");
    });
    assertThat(log)
        .containsExactly(
            "a global-start",
            "a begin",
            "a nop 0-fff ram",
            "a log-start 0-fff ram {}>{m}",
            "a commit");
  }

  @Test
  void R_AS_54_duringACommitLoggingCannotBeSwitched() {
    memory.register(
        new MemoryListener() {
          @Override
          public void regionAdd(MemorySection section) {
            memory.startDirtyLog(MIGRATION);
          }
        },
        space);
    MemoryRegion ram = memory.ram("ram", size(0x1000));
    assertThatIllegalStateException()
        .isThrownBy(() -> system.add(0, ram))
        .withMessageContaining("R-AS-54");
  }

  @Test
  void R_AS_73_syncVisitsLoggedRangesListenerByListener() {
    system.add(0, memory.ram("ram", size(0x1000)));
    system.add(0x1000, memory.rom("rom", size(0x1000)));
    system.add(0x2000, memory.romDevice("flash", size(0x1000)));
    system.add(0x3000, memory.ramDevice("bar", size(0x1000)));
    system.add(0x4000, memory.io("io", size(0x1000)));
    system.add(0x5000, memory.iommu("iommu", size(0x1000), new NoTranslations()));
    memory.unregister(b);
    memory.startDirtyLog(MIGRATION);
    log.clear();
    memory.syncDirtyLog();
    assertThat(log)
        .containsExactly(
            "a sync 0-fff ram",
            "a sync 1000-1fff rom ro",
            "a sync 2000-2fff flash",
            "a sync 5000-5fff iommu",
            "c sync 0-fff ram",
            "c sync 1000-1fff rom ro",
            "c sync 2000-2fff flash",
            "c sync 5000-5fff iommu");
  }

  @Test
  void R_AS_73_withoutLoggingUnderKvmSyncVisitsNothing() {
    system.add(0, memory.ram("ram", size(0x1000)));
    log.clear();
    memory.syncDirtyLog();
    assertThat(log).isEmpty();
  }
}
