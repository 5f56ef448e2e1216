package io.github.stopcopy.vfiopci.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.subsystem.Hosts;
import io.github.stopcopy.vfiopci.subsystem.TestVm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After any change the container holds exactly the whole pages that the flat view shows. */
class RandomTopologyTest {

  private static final int STEPS = 2500;

  @ParameterizedTest
  @EnumSource(
      value = QemuProfile.class,
      names = {"V8_2", "V11_0"})
  void mappingsAreThoseOfTheFlatView(QemuProfile profile) {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    HostContainer host = Hosts.container(true, -4096, 4096, 1 << 20, true);
    TestVm vm = TestVm.of(profile, TestVm.host(host));
    vm.attach(TestVm.A);
    List<MemoryRegion> placed = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      int first = random.nextInt(3);
      vm.memory.transaction(() -> {
        for (int i = 0; i <= first; i++) {
          change(vm, random, placed);
        }
      });
      assertThat(vm.mapped()).as("-Dseed=%d, step %d", seed, step).isEqualTo(expected(vm));
      vm.events.clear();
    }
  }

  private static void change(TestVm vm, Random random, List<MemoryRegion> placed) {
    MemoryRegion any = placed.isEmpty() ? null : placed.get(random.nextInt(placed.size()));
    int what = random.nextInt(10);
    if (any == null || what < 4 && placed.size() < 24) {
      MemoryRegion made = make(vm, random, placed.size());
      vm.root.add(address(random), made, random.nextInt(3));
      placed.add(made);
    } else if (what < 6) {
      vm.root.remove(any);
      placed.remove(any);
    } else if (what == 6) {
      any.setReadonly(!any.isReadonly());
    } else if (what == 7) {
      any.setAddress(address(random));
    } else {
      any.setEnabled(!any.isEnabled());
    }
  }

  /** Mostly whole pages, sometimes not, and sometimes where bit 63 is set. */
  private static long address(Random random) {
    long odd = random.nextInt(6) == 0 ? random.nextInt(8) * 0x200L : 0;
    long high = random.nextInt(20) == 0 ? Long.MIN_VALUE : 0;
    return high + random.nextInt(64) * 0x1000L + odd;
  }

  private static MemoryRegion make(TestVm vm, Random random, int number) {
    long odd = random.nextInt(6) == 0 ? random.nextInt(8) * 0x200L : 0;
    ByteSize size = ByteSize.of((1 + random.nextInt(16)) * 0x1000L + odd);
    String name = "r" + number;
    return switch (random.nextInt(8)) {
      case 0 -> vm.memory.rom(name, size);
      case 1 -> vm.memory.ramDevice(name, size);
      case 2 -> vm.memory.io(name, size);
      case 3 -> vm.memory.protectedRam(name, size);
      case 4 ->
          vm.memory.alias(
              name, vm.memory.ram(name, ByteSize.of(0x40000)), random.nextInt(32) * 0x800L, size);
      case 5 -> vm.memory.romDevice(name, size);
      default -> vm.memory.ram(name, size);
    };
  }

  /** The rules once more, in the plainest way. */
  private static List<String> expected(TestVm vm) {
    List<String> rows = new ArrayList<>();
    for (FlatRange range : vm.system.view().ranges()) {
      MemoryRegion region = range.region();
      boolean counts =
          region instanceof MemoryRegion.Ram ram && !ram.isProtected()
              || region instanceof MemoryRegion.Rom
              || region instanceof MemoryRegion.RamDevice;
      long start = range.range().first();
      if (!counts || start < 0 || (start - range.offsetInRegion()) % 0x1000 != 0) {
        continue;
      }
      long first = (start + 0xfff) / 0x1000 * 0x1000;
      long end = (range.range().last() + 1) / 0x1000 * 0x1000;
      if (first < end) {
        rows.add(
            Long.toHexString(first)
                + "-"
                + Long.toHexString(end - 1)
                + (range.readonly() ? " ro" : ""));
      }
    }
    return rows;
  }
}
