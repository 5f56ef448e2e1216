package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.FlatView;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A q35 machine with 2 GiB and an intel-iommu. */
final class TestVm {

  static final PciAddress V1 = new PciAddress("pcie.0", 5, 0);
  static final PciAddress V2 = new PciAddress("pcie.0", 6, 0);

  private static final IntelIommuProvider PROVIDER = new IntelIommuProvider();

  final GuestMemory memory;
  final MachineFacts machine;
  final IntelIommu iommu;

  private TestVm(MachineFacts machine, IntelIommu iommu) {
    this.memory = machine.memory();
    this.machine = machine;
    this.iommu = iommu;
  }

  static MachineFacts machine(
      QemuProfile profile, String type, Accelerator accelerator, KernelIrqchip irqchip) {
    GuestMemory memory = new GuestMemory(accelerator == Accelerator.TCG, false);
    MemoryRegion system = memory.container("system", ByteSize.WHOLE_SPACE);
    system.add(0, memory.ram("ram0", ByteSize.of(0x80000000L)));
    return new MachineFacts(
        profile,
        type,
        accelerator,
        irqchip,
        1,
        memory,
        memory.addressSpace("memory", system),
        event -> {});
  }

  static MachineFacts machine(QemuProfile profile) {
    return machine(profile, "q35", Accelerator.KVM, KernelIrqchip.SPLIT);
  }

  static Result<VirtualIommu> realize(MachineFacts machine, String... settings) {
    List<PropertySetting> given = Stream.of(settings).map(PropertySetting::parse).toList();
    Result<PropertyValues> values = PROVIDER.properties(machine.profile()).read(given);
    return PROVIDER.realize(((Result.Ok<PropertyValues>) values).value(), machine);
  }

  static TestVm with(MachineFacts machine, String... settings) {
    Result<VirtualIommu> realized = realize(machine, settings);
    return new TestVm(machine, (IntelIommu) ((Result.Ok<VirtualIommu>) realized).value());
  }

  static TestVm with(QemuProfile profile, String... settings) {
    return with(machine(profile), settings);
  }

  /** The configuration of most recorded cases. */
  static TestVm usual() {
    return with(QemuProfile.V8_1_IOMMU_PT, "intremap=on", "caching-mode=on", "aw-bits=48");
  }

  FlatView view(PciAddress device) {
    return iommu.addressSpace(device).view();
  }

  /** The regions of a view, with their ranges. */
  List<String> rows(PciAddress device) {
    List<String> rows = new ArrayList<>();
    for (FlatRange range : view(device).ranges()) {
      rows.add(
          range.range()
              + " "
              + range.region().name()
              + "@"
              + Long.toHexString(range.offsetInRegion()));
    }
    return rows;
  }

  boolean isTranslating(PciAddress device) {
    return view(device).ranges().stream()
        .anyMatch(range -> range.region() instanceof MemoryRegion.Iommu);
  }

  /** Registers a stand-in for VFIO's listener with a device's address space. */
  RecordingListener listenTo(PciAddress device) {
    RecordingListener listener = new RecordingListener();
    memory.register(listener, iommu.addressSpace(device));
    return listener;
  }

  void context(PciAddress device, ContextMode mode, int bits) {
    play(new GuestAction.WriteContext(device, mode, bits));
  }

  void map(PciAddress device, long iova, long guestAddress, int pages) {
    play(new GuestAction.Map(device, iova, guestAddress, pages));
  }

  void unmap(PciAddress device, long iova, int pages) {
    play(new GuestAction.Unmap(device, iova, pages));
  }

  void enable() {
    play(new GuestAction.Enable());
  }

  void disable() {
    play(new GuestAction.Disable());
  }

  void invalidate() {
    play(new GuestAction.Invalidate());
  }

  void setRoot() {
    play(new GuestAction.SetRoot());
  }

  private void play(GuestAction action) {
    ActionResult result = iommu.guest(action);
    if (!(result instanceof ActionResult.Done)) {
      throw new AssertionError(action + ": " + result);
    }
  }
}
