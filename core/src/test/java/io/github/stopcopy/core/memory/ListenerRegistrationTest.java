package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Registering and removing listeners (R-AS-60, R-AS-61). */
class ListenerRegistrationTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion system = memory.container("system", ALL);
  private final AddressSpace space = memory.addressSpace("memory", system);
  private final List<String> log = new ArrayList<>();
  private final RecordingListener listener = new RecordingListener("L", 0, log);

  ListenerRegistrationTest() {
    system.add(0x8000, memory.io("io", size(0x1000)));
    system.add(0, memory.ram("ram", size(0x4000)));
  }

  @Test
  void R_AS_60_registeringReplaysTheViewToThatListenerAlone() {
    memory.register(new RecordingListener("other", 0, log), space);
    log.clear();
    memory.register(listener, space);
    assertThat(log)
        .containsExactly("L begin", "L add 0-3fff ram", "L add 8000-8fff io", "L commit");
  }

  @Test
  void R_AS_51_aViewThatBecomesEmptyAndOneThatWasAreTold() {
    memory.register(listener, space);
    List<MemoryRegion> regions = List.copyOf(system.subregions());
    log.clear();
    memory.transaction(() -> regions.forEach(system::remove));
    assertThat(log)
        .containsExactlyInAnyOrder("L begin", "L del 0-3fff ram", "L del 8000-8fff io", "L commit");
    log.clear();
    system.add(0x1000, memory.ram("new", size(0x1000)));
    assertThat(log).containsExactly("L begin", "L add 1000-1fff new", "L commit");
  }

  @Test
  void R_AS_60_underDirtyLoggingTheReplayStartsItFirst() {
    memory.startDirtyLog(GuestMemory.DirtyLogReason.DIRTY_RATE);
    memory.register(listener, space);
    assertThat(log)
        .containsExactly(
            "L begin",
            "L global-start",
            "L add 0-3fff ram",
            "L log-start 0-3fff ram {}>{m}",
            "L add 8000-8fff io",
            "L commit");
  }

  @Test
  void R_AS_60_aRefusedStartIsReturned() {
    QemuError refusal = QemuError.of("no");
    listener.refusal = Optional.of(refusal);
    assertThat(memory.register(listener, space)).isEmpty();
    memory.unregister(listener);
    memory.startDirtyLog(GuestMemory.DirtyLogReason.MIGRATION);
    assertThat(memory.register(listener, space)).contains(refusal);
  }

  @Test
  void R_AS_60_equalPrioritiesKeepTheOrderOfRegistration() {
    for (String name : List.of("a", "b", "c")) {
      memory.register(new RecordingListener(name, 0, log), space);
    }
    memory.register(new RecordingListener("low", -1, log), space);
    log.clear();
    memory.transaction(() -> {});
    assertThat(log.subList(0, 4)).containsExactly("low begin", "a begin", "b begin", "c begin");
  }

  @Test
  void R_AS_61_unregisteringTakesEverythingAwayAscending() {
    memory.startDirtyLog(GuestMemory.DirtyLogReason.MIGRATION);
    memory.register(listener, space);
    log.clear();
    memory.unregister(listener);
    assertThat(log)
        .containsExactly(
            "L begin",
            "L log-stop 0-3fff ram {m}>{}",
            "L del 0-3fff ram",
            "L del 8000-8fff io",
            "L commit");
    log.clear();
    memory.transaction(() -> {});
    memory.stopDirtyLog(GuestMemory.DirtyLogReason.MIGRATION, true);
    assertThat(log).isEmpty();
  }

  @Test
  void R_AS_61_theOthersOfTheSpaceStillHearWhatComes() {
    memory.register(new RecordingListener("other", 0, log), space);
    memory.register(listener, space);
    memory.unregister(listener);
    log.clear();
    system.add(0x10000, memory.io("late", size(0x1000)));
    assertThat(log)
        .contains("other add 10000-10fff late")
        .allMatch(line -> line.startsWith("other"));
  }

  @Test
  void R_AS_61_aListenerThatIsNotRegisteredCannotBeRemoved() {
    assertThatIllegalStateException()
        .isThrownBy(() -> memory.unregister(listener))
        .withMessage("the listener is not registered");
  }

  @Test
  void aListenerFollowsOneSpace() {
    memory.register(listener, space);
    AddressSpace other = memory.addressSpace("other", memory.ram("x", size(1)));
    assertThatIllegalStateException()
        .isThrownBy(() -> memory.register(listener, other))
        .withMessage("the listener is registered already");
  }

  @Test
  void equalListenersAreStillDifferentOnes() {
    record Counting(List<String> log) implements MemoryListener {
      @Override
      public void begin() {
        log.add("begin");
      }
    }

    Counting one = new Counting(new ArrayList<>());
    Counting two = new Counting(new ArrayList<>());
    memory.register(one, space);
    memory.register(two, space);
    assertThat(one).isEqualTo(two);
    memory.unregister(two);
    memory.transaction(() -> {});
    assertThat(one.log()).hasSize(2);
    assertThat(two.log()).hasSize(2);
  }

  /** Overrides none but an addition. */
  private static class OnlyAdditions implements MemoryListener {
    final List<MemorySection> added = new ArrayList<>();

    @Override
    public void regionAdd(MemorySection section) {
      added.add(section);
    }
  }

  @Test
  void R_AS_51_whoDoesNotOverrideTheNopIsNotAskedToTakeAny() {
    assertThat(new OnlyAdditions().takesRegionNop()).isFalse();
    assertThat(new OnlyAdditions() {}.takesRegionNop()).isFalse();
    MemoryListener curious =
        new OnlyAdditions() {
          @Override
          public void regionNop(MemorySection section) {
            added.add(section);
          }
        };
    assertThat(curious.takesRegionNop()).isTrue();
    assertThat(new RecordingListener("L", 0, new ArrayList<>()).takesRegionNop()).isTrue();
  }

  @Test
  void R_AS_51_whoSaysThatItTakesNoNopGetsNone() {
    GuestMemory own = new GuestMemory(false, true);
    MemoryRegion box = own.container("box", Views.ALL);
    AddressSpace where = own.addressSpace("space", box);
    List<String> nops = new ArrayList<>();
    boolean[] takes = {false};
    MemoryListener listener =
        new MemoryListener() {
          @Override
          public boolean takesRegionNop() {
            return takes[0];
          }

          @Override
          public void regionNop(MemorySection section) {
            nops.add(section.region().name());
          }
        };
    own.register(listener, where);
    takes[0] = true; // asked once, when it was registered
    box.add(0, own.ram("ram", Views.size(0x1000)));
    box.add(0x8000, own.io("io", Views.size(0x1000)));
    assertThat(nops).isEmpty();
    own.unregister(listener);
    own.register(listener, where);
    own.transaction(() -> {});
    assertThat(nops).containsExactly("ram", "io");
  }
}
