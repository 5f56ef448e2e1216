package com.example.library;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prints what a device sees behind each vIOMMU model that is there, which are those of the
 * dependencies. Arguments are properties of the vIOMMU, each {@code name=value}.
 */
public final class AddressSpaces {

  private static final PciAddress DEVICE = new PciAddress("pcie.0", 3, 0);

  private AddressSpaces() {}

  /** Runs it. */
  public static void main(String[] args) throws InputException {
    List<PropertySetting> settings = Stream.of(args).map(PropertySetting::parse).toList();
    for (VirtualIommuProvider provider : Plugins.load().virtualIommus().all()) {
      print(provider, settings);
    }
  }

  private static void print(VirtualIommuProvider provider, List<PropertySetting> settings) {
    Result<PropertyValues> values = provider.properties(QemuProfile.V10_2).read(settings);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      System.out.println(provider.name() + ": " + failed.error().text());
      return;
    }
    Result<VirtualIommu> realized =
        provider.realize(((Result.Ok<PropertyValues>) values).value(), machine());
    if (realized instanceof Result.Failed<VirtualIommu> failed) {
      System.out.println(provider.name() + ": " + failed.error().text());
      return;
    }
    VirtualIommu iommu = ((Result.Ok<VirtualIommu>) realized).value();
    IovaLimits limits = iommu.limits();
    System.out.println(
        provider.name()
            + ": "
            + limits.addressBits()
            + " bits, up to "
            + U64.hex(limits.lastIova())
            + (limits.canTranslate() ? "" : ", but it cannot translate"));
    System.out.println(DEVICE + " sees");
    for (FlatRange range : iommu.addressSpace(DEVICE).view().ranges()) {
      System.out.println("  " + range.range() + " " + range.region().name());
    }
  }

  /** A machine of QEMU 10.2 with 2 GiB. */
  private static MachineFacts machine() {
    GuestMemory memory = new GuestMemory(false, QemuProfile.V10_2.hasUnmergeableRegions());
    MemoryRegion system = memory.container("system", ByteSize.WHOLE_SPACE);
    system.add(0, memory.ram("pc.ram", ByteSize.of(0x80000000L)));
    return new MachineFacts(
        QemuProfile.V10_2,
        "q35",
        Accelerator.KVM,
        KernelIrqchip.SPLIT,
        4,
        memory,
        memory.addressSpace("memory", system),
        event -> {});
  }
}
