package io.github.stopcopy.migration.scenario;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.context;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.pages;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.event.EventList;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A few words cannot make an answer without end: a story that tells or takes too much is refused.
 */
class StoryLimitTest {

  private static final Step CONTEXT = context("v1", ContextMode.TRANSLATE);
  private static final Step ENABLE = guest(ViommuOperation.ENABLE);

  private static Step map(int count) {
    return pages(ViommuOperation.MAP, "v1", 1L << 32, 0, count);
  }

  /** Memory of so many RAM regions that do not touch. */
  private static VmConfig rows(int count) {
    List<PlacedRegion> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long first = i * 0x2000L;
      AddressRange range = new AddressRange(first, first + 0xfff);
      rows.add(new PlacedRegion("ram" + i, RegionKind.RAM, range, 0, false));
    }
    MemoryPlan plan = new MemoryPlan(rows, rows, Optional.empty(), 64 * GIB, 8 * GIB);
    return q35().devices(List.of(vfio(A))).memory(MachineMemory.fixed(plan)).build();
  }

  @Test
  void R_LST_70_pagesAreMappedOneByOneUpToTheKernelsLimit() throws Exception {
    Story story = play(V10, q35(intel(), vfio(A)), map(60_000), CONTEXT, ENABLE);

    assertThat(story.answers()).hasSize(4);
    assertThat(story.vm().containers().get(0).mappings()).hasSize(60_000);
  }

  /**
   * Pages that come in a run are told in one, on their way in and out: the events that came one by
   * one are those of a story with a single page.
   */
  @Test
  void R_LST_70_pagesOfARunTakeNoEventEach() throws Exception {
    Story few = mapped(1);
    Story many = mapped(60_000);

    for (int step = 0; step < few.answers().size(); step++) {
      EventList events = many.answers().get(step).events();
      assertThat(events.single().size())
          .isLessThanOrEqualTo(few.answers().get(step).events().single().size());
    }
    assertThat(many.answers().get(3).events())
        .contains(
            new VfioEvent.DmaMap(0, 1L << 32, 4096, false, Optional.empty()),
            new VfioEvent.DmaMap(0, (1L << 32) + 59_999 * 4096, 4096, false, Optional.empty()))
        .hasSizeGreaterThan(60_000);
    assertThat(many.answers().get(4).events())
        .hasSize(60_000)
        .startsWith(new VfioEvent.DmaUnmap(0, 1L << 32, 4096, Optional.empty()))
        .endsWith(new VfioEvent.DmaUnmap(0, (1L << 32) + 59_999 * 4096, 4096, Optional.empty()));
  }

  private static Story mapped(int pages) throws InputException {
    Step unmap = pages(ViommuOperation.UNMAP, "v1", 1L << 32, 0, pages);
    return play(V10, q35(intel(), vfio(A)), map(pages), CONTEXT, ENABLE, unmap);
  }

  @Test
  void aMillionPagesThatAreAnnouncedAreTooMany() {
    assertThatThrownBy(() -> play(V10, q35(intel(), vfio(A)), map(1 << 20), CONTEXT, ENABLE))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "step 4: more than 262144 events, mappings and ranges to tell in all, expected fewer"
                + " steps or pages");
  }

  @Test
  void aMillionPagesThatNobodyAnnouncesAreNone() throws Exception {
    assertThat(play(V10, q35(intel(), vfio(A)), map(1 << 20), snapshot()).answers()).hasSize(3);
  }

  @Test
  void pagesThatAreGoneThroughAgainAndAgainAreTooMany() {
    List<Step> steps = new ArrayList<>(List.of(map(1 << 20)));
    steps.addAll(Collections.nCopies(300, guest(ViommuOperation.DISABLE)));

    assertThatThrownBy(() -> play(V10, q35(intel(), vfio(A)), steps.toArray(Step[]::new)))
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "step 25[0-9]: more than 16777216 ranges of memory, counted in each step, expected"
                + " fewer steps or ranges");
  }

  @Test
  void snapshotsAreCountedByWhatTheyShow() throws Exception {
    Step[] some = Collections.nCopies(100, snapshot()).toArray(Step[]::new);
    Step[] many = Collections.nCopies(1000, snapshot()).toArray(Step[]::new);

    assertThat(play(V10, rows(500), some).answers()).hasSize(101);
    assertThatThrownBy(() -> play(V10, rows(500), many))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("more than 262144 events, mappings and ranges to tell in all");
  }

  @Test
  void aLargeMemoryThatIsChangedInEachStepIsTooMuch() throws Exception {
    HostDevice device =
        HostDevice.builder()
            .bar(0, new HostDevice.Bar(0x1000, HostDevice.BarKind.MEM32, false, true))
            .build();
    Step[] moves = new Step[5000];
    for (int i = 0; i < moves.length; i++) {
      moves[i] = new Step.MoveBar("v1", 0, Optional.of(0xf000_0000L + (i & 1) * 0x1000L));
    }

    assertThatThrownBy(() -> play(V10, rows(10_000), host(Map.of(A, device)), moves))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("more than 16777216 ranges of memory, counted in each step");
  }
}
