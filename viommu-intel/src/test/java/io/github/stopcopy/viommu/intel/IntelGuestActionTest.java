package io.github.stopcopy.viommu.intel;

import static io.github.stopcopy.viommu.intel.TestVm.V1;
import static io.github.stopcopy.viommu.intel.TestVm.V2;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.viommu.GuestTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IntelGuestActionTest {

  private static String refusal(TestVm vm, GuestAction action) {
    return vm.iommu.guest(action) instanceof ActionResult.Unsupported unsupported
        ? unsupported.reason()
        : "none";
  }

  @Test
  void hostileValuesAreAnsweredNotPlayed() {
    TestVm vm = TestVm.usual();
    assertThat(refusal(vm, new GuestAction.Map(V1, 0x1001, 0, 1)))
        .isEqualTo("iova 0x1001 is not at a page of 4096 bytes");
    assertThat(refusal(vm, new GuestAction.Map(V1, 0x1000, 0x10, 1)))
        .isEqualTo("gpa 0x10 is not at a page of 4096 bytes");
    assertThat(refusal(vm, new GuestAction.Map(V1, 0x1000, 0, 0)))
        .isEqualTo("0 pages are not modelled, expected 1 to 1048576");
    assertThat(refusal(vm, new GuestAction.Unmap(V1, 0x1000, Integer.MAX_VALUE)))
        .isEqualTo("2147483647 pages are not modelled, expected 1 to 1048576");
    assertThat(refusal(vm, new GuestAction.Unmap(V1, 0x123, 1)))
        .isEqualTo("iova 0x123 is not at a page of 4096 bytes");
    assertThat(refusal(vm, new GuestAction.Map(V1, 0xfffffffffffff000L, 0, 1)))
        .isEqualTo("iova 0xfffffffffffff000 does not fit a page table, which takes 57 bits");
    assertThat(refusal(vm, new GuestAction.Map(V1, 0x1fffffffffff000L, 0, 2)))
        .isEqualTo("iova 0x1fffffffffff000 does not fit a page table, which takes 57 bits");
    assertThat(refusal(vm, new GuestAction.Map(V1, 0, 0x10000000000000L, 1)))
        .isEqualTo("gpa 0x10000000000000 does not fit a page table, which takes 52 bits");
    assertThat(refusal(vm, new GuestAction.WriteContext(V1, ContextMode.TRANSLATE, 40)))
        .isEqualTo("a context entry of 40 bits is not modelled, expected 39, 48 or 57");
    vm.map(V1, 0x1fffffffffff000L, 0xffffffffff000L, 1);
    vm.map(V1, 0, 0, GuestTable.MAX_PAGES - 1);
    vm.map(V1, 0, 0, 16);
    assertThat(refusal(vm, new GuestAction.Map(V1, 1L << 40, 0, 1)))
        .isEqualTo("a table of more than 1048576 pages is not modelled");
  }

  @ParameterizedTest
  @EnumSource
  void R_VIO_23_randomActionsAnnounceExactlyTheTables(QemuProfile profile) {
    for (int round = 0; round < 30; round++) {
      long seed = 0x5eed00L + round;
      playRandomly(profile, seed);
    }
  }

  /** What the vIOMMU should have taken up, recomputed naively from all that was written. */
  private static final class Naive {
    final Map<PciAddress, TreeMap<Long, Long>> written = new HashMap<>();
    final Map<PciAddress, TreeMap<Long, Long>> taken = new HashMap<>();
    final Map<PciAddress, ContextMode> mode = new HashMap<>();
    final Map<PciAddress, Integer> bits = new HashMap<>();
    final Map<PciAddress, Boolean> region = new HashMap<>();
    boolean on;

    Naive() {
      for (PciAddress device : List.of(V1, V2)) {
        written.put(device, new TreeMap<>());
        mode.put(device, ContextMode.ABSENT);
        bits.put(device, 0);
      }
      look();
    }

    void look() {
      for (PciAddress device : List.of(V1, V2)) {
        boolean supported = bits.get(device) == 39 || bits.get(device) == 48;
        boolean through = mode.get(device) == ContextMode.PASSTHROUGH && supported;
        region.put(device, on && !through);
        TreeMap<Long, Long> now = new TreeMap<>();
        if (on && mode.get(device) == ContextMode.TRANSLATE && supported) {
          written
              .get(device)
              .forEach((iova, gpa) -> {
                boolean window = iova >= 0xfee00000L && iova < 0xfef00000L;
                if (!window && iova < 1L << bits.get(device) && gpa < 1L << 48) {
                  now.put(iova, gpa);
                }
              });
        }
        taken.put(device, now);
      }
    }
  }

  private static void playRandomly(QemuProfile profile, long seed) {
    Random random = new Random(seed);
    TestVm vm = TestVm.with(profile, "caching-mode=on", "aw-bits=48");
    Map<PciAddress, RecordingListener> listeners = Map.of(V1, vm.listenTo(V1), V2, vm.listenTo(V2));
    Naive naive = new Naive();
    long[] bases = {0, 0xfedfe000L, 0xfeefe000L, 0x7fffffe000L, 0xffffffffe000L};
    long[] targets = {0, 0x40000000L, 0xffffffffe000L};
    for (int step = 0; step < 60; step++) {
      PciAddress device = random.nextBoolean() ? V1 : V2;
      long iova = bases[random.nextInt(bases.length)] + 4096L * random.nextInt(3);
      int pages = 1 + random.nextInt(4);
      String what;
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> {
          long gpa = targets[random.nextInt(targets.length)] + 4096L * random.nextInt(3);
          vm.map(device, iova, gpa, pages);
          for (int i = 0; i < pages; i++) {
            naive.written.get(device).put(iova + 4096L * i, gpa + 4096L * i);
          }
          what = "map";
        }
        case 3 -> {
          vm.unmap(device, iova, pages);
          for (int i = 0; i < pages; i++) {
            naive.written.get(device).remove(iova + 4096L * i);
          }
          naive.look();
          what = "unmap";
        }
        case 4 -> {
          ContextMode mode = ContextMode.values()[random.nextInt(3)];
          int bits = List.of(39, 48, 48, 57).get(random.nextInt(4));
          vm.context(device, mode, bits);
          naive.mode.put(device, mode);
          naive.bits.put(device, bits);
          what = "context " + mode + " " + bits;
        }
        case 5 -> {
          vm.invalidate();
          naive.look();
          what = "invalidate";
        }
        case 6, 7 -> {
          vm.enable();
          naive.on = true;
          naive.look();
          what = "enable";
        }
        default -> {
          vm.disable();
          if (naive.on) {
            naive.on = false;
            naive.look();
          }
          what = "disable";
        }
      }
      for (PciAddress each : List.of(V1, V2)) {
        String where = "seed " + seed + ", step " + step + ", " + what + ", " + each;
        assertThat(vm.isTranslating(each)).as(where).isEqualTo(naive.region.get(each));
        assertThat(listeners.get(each).mapped).as(where).isEqualTo(naive.taken.get(each));
      }
    }
  }
}
