package io.github.stopcopy.vfiopci.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.GuestMemory.DirtyLogReason;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.ReportingListener;
import io.github.stopcopy.vfiopci.subsystem.Blocks;
import io.github.stopcopy.vfiopci.subsystem.TestIommu;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the layout tells of a small machine. */
class LayoutListenerTest {

  private final GuestMemory memory = new GuestMemory(false, false);
  private final MemoryRegion root = memory.container("system", ByteSize.WHOLE_SPACE);
  private ReportingListener listener;

  @BeforeEach
  void listen() throws InputException {
    root.add(0, memory.ram("pc.ram", ByteSize.of(0x10000)));
    root.add(0x20000, memory.io("ports", ByteSize.of(0x1000)));
    listener = (ReportingListener) new LayoutListenerProvider().open(config(Map.of()));
    memory.register(listener, memory.addressSpace("memory", root));
  }

  private static ListenerConfig config(Map<String, String> parameters) {
    return new ListenerConfig(Optional.of("0000:01:00.0"), 4096, parameters);
  }

  @Test
  void R_AS_60_whatIsThereAtFirstIsToldOnceIfNothingChanges() {
    memory.transaction(() -> {});
    root.add(0x30000, memory.io("more ports", ByteSize.of(0x1000)));

    assertThat(listener.report())
        .containsExactly(
            "at first", "  0x0000000000000000 - 0x000000000000ffff  ram         pc.ram");
  }

  @Test
  void R_AS_51_aChangeTellsWhatWentAndWhatAppeared() {
    root.add(0x8000, memory.rom("bios", ByteSize.of(0x8000)), 1);
    root.add(0x40000, memory.ramDevice("bar", ByteSize.of(0x1000)));

    assertThat(listener.report())
        .containsExactly(
            "at first",
            "  0x0000000000000000 - 0x000000000000ffff  ram         pc.ram",
            "change 1",
            "  went      0x0000000000000000 - 0x000000000000ffff  ram         pc.ram",
            "  appeared  0x0000000000000000 - 0x0000000000007fff  ram         pc.ram",
            "  appeared  0x0000000000008000 - 0x000000000000ffff  rom         bios",
            "change 2",
            "  appeared  0x0000000000040000 - 0x0000000000040fff  device      bar",
            "in the end",
            "  0x0000000000000000 - 0x0000000000007fff  ram         pc.ram",
            "  0x0000000000008000 - 0x000000000000ffff  rom         bios",
            "  0x0000000000040000 - 0x0000000000040fff  device      bar");
  }

  @Test
  void R_AS_61_whenTheDeviceGoesNothingIsLeft() {
    memory.unregister(listener);

    assertThat(listener.report())
        .containsExactly(
            "at first",
            "  0x0000000000000000 - 0x000000000000ffff  ram         pc.ram",
            "change 1",
            "  went      0x0000000000000000 - 0x000000000000ffff  ram         pc.ram",
            "in the end",
            "  nothing");
  }

  @Test
  void R_AS_70_dirtyLoggingIsToldAndIsNoChange() {
    memory.startDirtyLog(DirtyLogReason.MIGRATION);
    memory.stopDirtyLog(DirtyLogReason.MIGRATION, true);

    assertThat(listener.report())
        .containsExactly(
            "at first",
            "  0x0000000000000000 - 0x000000000000ffff  ram         pc.ram",
            "dirty logging begins",
            "dirty logging ends");
  }

  @Test
  void R_AS_11_whatIsClosedToDevicesIsNotTold() {
    root.add(0x60000, memory.protectedRam("epc", ByteSize.of(0x1000)));

    assertThat(listener.report()).hasSize(2);
  }

  @Test
  void itHasNoParameters() {
    assertThatThrownBy(() -> new LayoutListenerProvider().open(config(Map.of("deep", "1"))))
        .isInstanceOf(InputException.class)
        .hasMessage("parameter 'deep' is unknown, expected none");
  }

  @Test
  void R_AS_60_whatTranslatesAndWhatIsPluggableIsToldApart() {
    MemoryRegion.Ram pluggable = memory.ram("vmem", ByteSize.of(0x400000));
    pluggable.setDiscardManager(new Blocks(0x200000));
    root.add(0x40000000, pluggable);
    root.add(0x80000000L, memory.iommu("vtd", ByteSize.of(0x1000), new TestIommu()));

    assertThat(listener.report())
        .endsWith(
            "in the end",
            "  0x0000000000000000 - 0x000000000000ffff  ram         pc.ram",
            "  0x0000000040000000 - 0x00000000403fffff  pluggable   vmem",
            "  0x0000000080000000 - 0x0000000080000fff  translated  vtd");
  }
}
