package io.github.stopcopy.migration.scenario;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.del;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.scenario.StepAnswer.AddressSpaceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guest moves BARs of assigned devices and turns them off. */
class BarStepTest {

  private static final PlacedRegion RAM =
      new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, 0x7fffffffL), 0, false);
  private static final Bar BAR = Bar.builder(0x4000).build();

  private static PlacedRegion row(
      String name, RegionKind kind, long first, long last, long offset) {
    return new PlacedRegion(name, kind, new AddressRange(first, last), offset, false);
  }

  private static VmConfig vm(List<PlacedRegion> rows, DeviceConfig... devices) {
    List<PlacedRegion> dump = new ArrayList<>(List.of(RAM));
    dump.addAll(rows);
    MemoryPlan plan =
        new MemoryPlan(List.of(RAM), List.of(RAM), Optional.of(dump), 4 * GIB, 8 * GIB);
    return q35().memory(MachineMemory.fixed(plan)).devices(List.of(devices)).build();
  }

  private static Step bar(String device, int number, long at) {
    return new Step.MoveBar(device, number, Optional.of(at));
  }

  private static Step off(String device, int number) {
    return new Step.MoveBar(device, number, Optional.empty());
  }

  private static HostFacts hostOf(HostDevice device) {
    return host(Map.of(A, device));
  }

  /** System memory but for its RAM, as {@code first-last type name @offset}. */
  private static List<String> rows(StepAnswer snapshot) {
    List<String> rows = new ArrayList<>();
    for (AddressSpaceView space : snapshot.memory()) {
      if (space.name().equals("memory")) {
        for (StepAnswer.Row row : space.rows()) {
          if (!row.name().equals("ram0")) {
            rows.add(
                U64.hex(row.first())
                    + "-"
                    + U64.hex(row.last())
                    + " "
                    + row.type()
                    + " "
                    + row.name()
                    + " @"
                    + U64.hex(row.offset()));
          }
        }
      }
    }
    return rows;
  }

  private static List<String> maps(Story story) {
    return story.vm().containers().get(0).mappings().stream()
        .map(map -> U64.hex(map.iova()) + "+" + U64.hex(map.size()))
        .toList();
  }

  /** The rows of the recorded case with an MSI-X table at the beginning of a BAR. */
  private static final List<PlacedRegion> WITH_TABLE =
      List.of(
          row("msix-table", RegionKind.IO, 0xfebf8000L, 0xfebf803fL, 0),
          row(A + " BAR 0", RegionKind.IO, 0xfebf8040L, 0xfebf8fffL, 0x40),
          row(A + " BAR 0 mmaps[0]", RegionKind.RAM_DEVICE, 0xfebf9000L, 0xfebfbfffL, 0));

  @Test
  void R_LST_29_whatADumpShowsInsideABarMovesWithItAndIsMappedThere() throws Exception {
    HostFacts facts = hostOf(HostDevice.builder().bar(0, BAR).build());
    Story story = play(V10, vm(WITH_TABLE, vfio(A)), facts, bar("v1", 0, 0xe0000000L), snapshot());

    assertThat(rows(last(story)))
        .containsExactly(
            "0xe0000000-0xe000003f i/o msix-table @0x0",
            "0xe0000040-0xe0000fff i/o " + A + " BAR 0 @0x40",
            "0xe0001000-0xe0003fff ramd " + A + " BAR 0 mmaps[0] @0x0");
    assertThat(maps(story)).containsExactly("0x0+0x80000000", "0xe0001000+0x3000");
  }

  @Test
  void R_LST_42_aBarThatIsOffIsNotMappedAndComesBackAsItWas() throws Exception {
    HostFacts facts = hostOf(HostDevice.builder().bar(0, BAR).build());
    VmConfig vm = vm(WITH_TABLE, vfio(A));
    Story without = play(V10, vm, facts, off("v1", 0), snapshot());
    assertThat(rows(last(without))).isEmpty();
    assertThat(maps(without)).containsExactly("0x0+0x80000000");

    Story back =
        play(V10, vm, facts, off("v1", 0), off(A, 0), bar("v1", 0, 0xfebf8000L), snapshot());
    assertThat(rows(last(back))).isEqualTo(rows(last(play(V10, vm, facts, snapshot()))));
    assertThat(maps(back)).containsExactly("0x0+0x80000000", "0xfebf9000+0x3000");
  }

  @Test
  void ofABarThatNoDumpShowsTheFactsSayWhatItIsMadeOf() throws Exception {
    HostDevice facts =
        HostDevice.builder().bar(0, BAR).bar(2, BAR).msix(new Msix(4, 0, 0x1800)).build();
    Story story =
        play(
            V10,
            vm(List.of(), vfio(A)),
            hostOf(facts),
            bar("v1", 0, 0x2000000000L),
            bar("v1", 2, 0xe0000000L),
            snapshot());

    assertThat(rows(last(story)))
        .containsExactly(
            "0xe0000000-0xe0003fff ramd " + A + " BAR 2 mmaps[0] @0x0",
            "0x2000000000-0x2000000fff ramd " + A + " BAR 0 mmaps[0] @0x0",
            "0x2000001000-0x20000017ff i/o " + A + " BAR 0 @0x1000",
            "0x2000001800-0x200000183f i/o msix-table @0x0",
            "0x2000001840-0x2000001fff i/o " + A + " BAR 0 @0x1840",
            "0x2000002000-0x2000003fff ramd " + A + " BAR 0 mmaps[1] @0x0");
    assertThat(maps(story))
        .containsExactly(
            "0x0+0x80000000", "0xe0000000+0x4000", "0x2000000000+0x1000", "0x2000002000+0x2000");
  }

  @Test
  void aBarWithoutMmapIsNoMemory() throws Exception {
    HostDevice able = HostDevice.builder().bar(0, Bar.builder(0x4000).mmap(false).build()).build();
    VmConfig vm = vm(List.of(), vfio(A));
    Story story = play(V10, vm, hostOf(able), bar("v1", 0, 0xe0000000L), snapshot());
    assertThat(rows(last(story))).containsExactly("0xe0000000-0xe0003fff i/o " + A + " BAR 0 @0x0");
    assertThat(maps(story)).containsExactly("0x0+0x80000000");

    VmConfig noMmap = vm(List.of(), vfio(A, "x-no-mmap=on"));
    HostFacts host = hostOf(HostDevice.builder().bar(0, BAR).build());
    assertThat(maps(play(V10, noMmap, host, bar("v1", 0, 0xe0000000L))))
        .containsExactly("0x0+0x80000000");
  }

  @Test
  void R_LST_28_aBarSmallerThanAPageIsNotMapped() throws Exception {
    HostFacts facts = hostOf(HostDevice.builder().bar(0, Bar.builder(0x800).build()).build());
    Story story = play(V10, vm(List.of(), vfio(A)), facts, bar("v1", 0, 0xe0000000L));
    assertThat(maps(story)).containsExactly("0x0+0x80000000");
  }

  /** The guest may do so; RAM stays RAM, and comes to no harm when the BAR moves on. */
  @Test
  void ramHidesABarThatIsMovedOntoIt() throws Exception {
    HostFacts facts = hostOf(HostDevice.builder().bar(0, BAR).build());
    Story story =
        play(
            V10,
            vm(WITH_TABLE, vfio(A)),
            facts,
            bar("v1", 0, 0x10000000L),
            snapshot(),
            bar("v1", 0, 0xe0000000L),
            snapshot());
    assertThat(rows(story.answers().get(2))).isEmpty();
    assertThat(rows(last(story))).hasSize(3);
    assertThat(maps(story)).containsExactly("0x0+0x80000000", "0xe0001000+0x3000");
  }

  @Test
  void aDeviceThatLeavesTakesItsBarsAlong() throws Exception {
    HostFacts facts = hostOf(HostDevice.builder().bar(0, BAR).bar(2, BAR).build());
    VmConfig vm =
        vm(WITH_TABLE, device("pcie-root-port", "rp1", "addr=1c.0"), vfio(A, "bus=rp1"), vfio(B));
    Story story = play(V10, vm, facts, bar("v1", 2, 0xe0000000L), del("v1"), snapshot());
    assertThat(rows(last(story))).isEmpty();
    assertThat(maps(story)).containsExactly("0x0+0x80000000");

    Story again = play(V10, vm, facts, del("v1"), add(vfio(A, "bus=rp1")), snapshot());
    assertThat(rows(last(again))).as("not programmed").isEmpty();
  }

  /** Q-20: the ranges were asked for when the migration began. */
  @Test
  void aBarThatMovesWhileDevicesLogAsksForNothing() throws Exception {
    HostFacts facts = hostOf(HostDevice.builder().bar(0, BAR).build());
    Story story = play(V10, vm(WITH_TABLE, vfio(A)), facts, hold(), bar("v1", 0, 0x2000000000L));
    assertThat(story.answers().get(1).dmaLoggingStart()).hasSize(1);
    assertThat(last(story).dmaLoggingStart()).isEmpty();
    assertThat(last(story).errors()).isEmpty();
    assertThat(last(story).query()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1 | 0 | 0xe0002000 | step 2: A BAR 0 at 0xe0002000, expected a multiple of its size,"
            + " 0x4000",
        "v1 | 1 | 0x100000000 | step 2: A BAR 1 at 0x100000000, expected a multiple of its size,"
            + " 0x4000, below 4 GiB",
        "v1 | 2 | 0xe0000000 | step 2: A BAR 2 is of I/O ports, expected one in memory",
        "v1 | 3 | 0xe0000000 | step 2: A BAR 3 has 24576 bytes, expected a power of two",
        "v1 | 4 | 0xe0000000 | step 2: the host facts of A have no BAR 4, expected its size",
        "v9 | 0 | 0xe0000000 | step 2: device 'v9' is no VFIO device of this VM",
      })
  void aBarGoesWhereABarCanBe(String device, int number, String at, String message) {
    HostDevice facts =
        HostDevice.builder()
            .bar(0, BAR)
            .bar(1, Bar.builder(0x4000).kind(BarKind.MEM32).build())
            .bar(2, Bar.builder(0x100).kind(BarKind.IO).build())
            .bar(3, Bar.builder(0x6000).build())
            .build();
    assertThatThrownBy(() ->
            play(V10, vm(List.of(), vfio(A)), hostOf(facts), bar(device, number, Long.decode(at))))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("A BAR", A + " BAR").replace("of A ", "of " + A + " "));
  }

  /** The table may be the first thing in a BAR: nothing of it is mapped before. */
  @Test
  void aTableAtTheBeginningLeavesOnePartBehindIt() throws Exception {
    HostDevice facts = HostDevice.builder().bar(0, BAR).msix(new Msix(4, 0, 0)).build();
    Story story =
        play(V10, vm(List.of(), vfio(A)), hostOf(facts), bar("v1", 0, 0xe0000000L), snapshot());

    assertThat(rows(last(story)))
        .containsExactly(
            "0xe0000000-0xe000003f i/o msix-table @0x0",
            "0xe0000040-0xe0000fff i/o " + A + " BAR 0 @0x40",
            "0xe0001000-0xe0003fff ramd " + A + " BAR 0 mmaps[0] @0x0");
  }

  /** R-AS-10, R-AS-102: the words of {@code info mtree -f}. */
  @Test
  void R_AS_10_eachKindOfMemoryHasItsWord() throws Exception {
    Story story =
        play(
            V10,
            vm(
                List.of(
                    new PlacedRegion(
                        "pc.bios",
                        RegionKind.ROM,
                        new AddressRange(0xe0000000L, 0xe0000fffL),
                        0,
                        true),
                    row("system.flash0", RegionKind.ROM_DEVICE, 0xe0001000L, 0xe0001fffL, 0),
                    row("ioapic", RegionKind.IO, 0xe0002000L, 0xe0002fffL, 0)),
                vfio(A)),
            snapshot());

    assertThat(rows(last(story)))
        .containsExactly(
            "0xe0000000-0xe0000fff rom pc.bios @0x0",
            "0xe0001000-0xe0001fff romd system.flash0 @0x0",
            "0xe0002000-0xe0002fff i/o ioapic @0x0");
  }
}
