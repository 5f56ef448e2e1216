package io.github.stopcopy.core.memory;

import static io.github.stopcopy.core.memory.Views.ALL;
import static io.github.stopcopy.core.memory.Views.rows;
import static io.github.stopcopy.core.memory.Views.size;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** Commits and the order of callbacks (R-AS-50 .. R-AS-56). */
class TransactionTest {

  private final GuestMemory memory = new GuestMemory(false, true);
  private final MemoryRegion system = memory.container("system", ALL);
  private final MemoryRegion ram = memory.ram("ram", size(0x4000));
  private final AddressSpace space = memory.addressSpace("memory", system);
  private final List<String> log = new ArrayList<>();

  private RecordingListener listen(String name, int priority, AddressSpace where) {
    RecordingListener listener = new RecordingListener(name, priority, log);
    memory.register(listener, where);
    log.clear();
    return listener;
  }

  @Test
  void R_AS_50_everyChangeIsATransactionOfItsOwn() {
    listen("L", 0, space);
    system.add(0, ram);
    ram.setReadonly(true);
    assertThat(log)
        .containsExactly(
            "L begin",
            "L add 0-3fff ram",
            "L commit",
            "L begin",
            "L del 0-3fff ram",
            "L add 0-3fff ram ro",
            "L commit");
  }

  @Test
  void R_AS_50_onlyTheOutermostCommitActs() {
    listen("L", 0, space);
    memory.transaction(() -> {
      system.add(0, ram);
      memory.transaction(() -> ram.setReadonly(true));
      assertThat(log).isEmpty();
      assertThat(rows(space)).isEmpty();
    });
    assertThat(log).containsExactly("L begin", "L add 0-3fff ram ro", "L commit");
  }

  @Test
  void R_AS_50_aChangeThatIsNoneCausesNoCommit() {
    MemoryRegion.RomDevice flash = memory.romDevice("flash", size(0x1000));
    MemoryRegion.Alias alias = memory.alias("alias", flash, 0, size(0x1000));
    system.add(0, ram);
    listen("L", 0, space);
    ram.setEnabled(true);
    ram.setReadonly(false);
    ram.setNonvolatile(false);
    ram.setUnmergeable(false);
    ram.setSize(size(0x4000));
    ram.setAddress(0);
    flash.setRomdMode(true);
    alias.setTargetOffset(0);
    assertThat(log).isEmpty();
  }

  @Test
  void R_AS_50_whatWasDoneBeforeAnExceptionIsCommitted() {
    listen("L", 0, space);
    assertThatThrownBy(() ->
            memory.transaction(() -> {
              system.add(0, ram);
              throw new IllegalStateException("stop");
            }))
        .hasMessage("stop");
    assertThat(log).containsExactly("L begin", "L add 0-3fff ram", "L commit");
    log.clear();
    system.remove(ram);
    assertThat(log).containsExactly("L begin", "L del 0-3fff ram", "L commit");
  }

  @Test
  void R_AS_50_beginAndCommitOfAllListenersFrameTheSpacesInOrderOfCreation() {
    AddressSpace second = memory.addressSpace("second", memory.alias("a", system, 0x1000, ALL));
    listen("second", 0, second);
    listen("high", 10, space);
    listen("low", 5, space);
    system.add(0, ram);
    assertThat(log)
        .containsExactly(
            "second begin",
            "low begin",
            "high begin",
            "low add 0-3fff ram",
            "high add 0-3fff ram",
            "second add 0-2fff ram@1000",
            "second commit",
            "low commit",
            "high commit");
  }

  @Test
  void R_AS_50_listenersOfSpacesThatDidNotChangeStillSeeBeginAndCommit() {
    AddressSpace other = memory.addressSpace("other", memory.container("empty", ALL));
    listen("other", 0, other);
    system.add(0, ram);
    assertThat(log).containsExactly("other begin", "other commit");
  }

  @Test
  void R_AS_51_allDelsPrecedeAllAddsAndBothAscend() {
    MemoryRegion a = memory.io("a", size(0x1000));
    MemoryRegion b = memory.io("b", size(0x1000));
    MemoryRegion c = memory.io("c", size(0x1000));
    system.add(0, ram);
    system.add(0x10000, a);
    system.add(0x20000, b);
    system.add(0x30000, c);
    listen("L", 0, space);
    memory.transaction(() -> {
      a.setAddress(0x38000);
      c.setAddress(0x8000);
    });
    assertThat(log)
        .containsExactly(
            "L begin",
            "L del 10000-10fff a",
            "L del 30000-30fff c",
            "L nop 0-3fff ram",
            "L add 8000-8fff c",
            "L nop 20000-20fff b",
            "L add 38000-38fff a",
            "L commit");
  }

  @Test
  void R_AS_51_aRangeThatChangesInPlaceIsRemovedAndAdded() {
    system.add(0, ram);
    listen("L", 0, space);
    ram.setNonvolatile(true);
    assertThat(log)
        .containsExactly("L begin", "L del 0-3fff ram", "L add 0-3fff ram nv", "L commit");
  }

  @Test
  void R_AS_51_romdModeAndMergingChangeARangeThoughTheSectionLooksTheSame() {
    MemoryRegion.RomDevice flash = memory.romDevice("flash", size(0x1000));
    system.add(0, flash);
    listen("L", 0, space);
    flash.setRomdMode(false);
    flash.setUnmergeable(true);
    assertThat(log.stream().filter(line -> line.contains("flash")))
        .containsExactly(
            "L del 0-fff flash", "L add 0-fff flash", "L del 0-fff flash", "L add 0-fff flash");
  }

  @Test
  void R_AS_52_additionsAscendByPriorityRemovalsDescend() {
    MemoryListener first = mock(MemoryListener.class);
    MemoryListener second = mock(MemoryListener.class);
    MemoryListener third = mock(MemoryListener.class);
    when(third.priority()).thenReturn(10);
    memory.register(third, space);
    memory.register(first, space);
    memory.register(second, space);
    clearInvocations(first, second, third);

    system.add(0, ram);
    system.remove(ram);

    InOrder order = inOrder(first, second, third);
    for (MemoryListener listener : List.of(first, second, third)) {
      order.verify(listener).begin();
    }
    for (MemoryListener listener : List.of(first, second, third)) {
      order.verify(listener).regionAdd(argThat(section -> section.region() == ram));
    }
    for (MemoryListener listener : List.of(first, second, third)) {
      order.verify(listener).commit();
    }
    for (MemoryListener listener : List.of(first, second, third)) {
      order.verify(listener).begin();
    }
    for (MemoryListener listener : List.of(third, second, first)) {
      order.verify(listener).regionDel(any());
    }
    for (MemoryListener listener : List.of(first, second, third)) {
      order.verify(listener).commit();
    }
  }

  @Test
  void R_AS_53_theDefaultPriorityIs0() {
    assertThat(new MemoryListener() {}.priority()).isZero();
  }

  @Test
  void R_AS_54_theOldViewIsPublishedDuringThePasses() {
    List<List<String>> seen = new ArrayList<>();
    MemoryListener listener =
        new MemoryListener() {
          @Override
          public void regionAdd(MemorySection section) {
            seen.add(rows(space));
          }

          @Override
          public void commit() {
            seen.add(rows(space));
          }
        };
    memory.register(listener, space);
    seen.clear();
    system.add(0, ram);
    assertThat(seen).containsExactly(List.of(), List.of("0-3fff ram"));
  }

  @Test
  void R_AS_54_aListenerMustNotChangeTheTopology() {
    MemoryListener listener =
        new MemoryListener() {
          @Override
          public void regionAdd(MemorySection section) {
            section.region().setEnabled(false);
          }
        };
    memory.register(listener, space);
    assertThatIllegalStateException()
        .isThrownBy(() -> system.add(0, ram))
        .withMessageContaining("R-AS-54");
    memory.unregister(listener);
    assertThat(ram.isEnabled()).isTrue();
    ram.setReadonly(true);
    assertThat(rows(space)).containsExactly("0-3fff ram ro");
  }

  @Test
  void R_AS_55_aRangeThatGrowsIsRemovedAndAdded() {
    system.add(0, memory.alias("low", ram, 0, size(0x1000)));
    listen("L", 0, space);
    system.add(0x1000, memory.alias("high", ram, 0x1000, size(0x1000)));
    assertThat(log).containsExactly("L begin", "L del 0-fff ram", "L add 0-1fff ram", "L commit");
  }

  @Test
  void R_AS_56_switchingDirtyLoggingIsAnEmptyTransactionWithLogCallbacks() {
    system.add(0, ram);
    system.add(0x8000, memory.io("io", size(0x1000)));
    listen("low", 0, space);
    listen("high", 10, space);
    memory.startDirtyLog(GuestMemory.DirtyLogReason.MIGRATION);
    assertThat(log)
        .containsExactly(
            "low global-start", "high global-start",
            "low begin", "high begin",
            "low nop 0-3fff ram", "high nop 0-3fff ram",
            "low log-start 0-3fff ram {}>{m}", "high log-start 0-3fff ram {}>{m}",
            "low nop 8000-8fff io", "high nop 8000-8fff io",
            "low commit", "high commit");
    log.clear();
    memory.stopDirtyLog(GuestMemory.DirtyLogReason.MIGRATION, true);
    assertThat(log)
        .containsExactly(
            "low begin", "high begin",
            "low nop 0-3fff ram", "high nop 0-3fff ram",
            "high log-stop 0-3fff ram {m}>{}", "low log-stop 0-3fff ram {m}>{}",
            "low nop 8000-8fff io", "high nop 8000-8fff io",
            "low commit", "high commit",
            "high global-stop", "low global-stop");
  }

  /** Nobody followed the change before, so that it was not rendered when it was made. */
  @Test
  void R_AS_54_whoLooksInATransactionSeesWhatWasBeforeItAlsoIfNobodyFollowed() {
    system.add(0, ram);
    memory.transaction(() -> {
      system.add(0x8000, memory.io("io", size(0x1000)));
      assertThat(rows(space)).containsExactly("0-3fff ram");
      memory.register(new RecordingListener("L", 0, log), space);
      assertThat(log).containsExactly("L begin", "L add 0-3fff ram", "L commit");
      log.clear();
    });
    assertThat(log)
        .containsExactly("L begin", "L nop 0-3fff ram", "L add 8000-8fff io", "L commit");
    assertThat(rows(space)).containsExactly("0-3fff ram", "8000-8fff io");
  }
}
