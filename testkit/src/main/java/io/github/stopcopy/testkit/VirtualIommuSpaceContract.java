package io.github.stopcopy.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.KernelIrqchip;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * How a vIOMMU is made, and the cases of its provider and of the address spaces it gives to
 * devices. A part of {@link VirtualIommuContract}, which is what to extend.
 */
abstract class VirtualIommuSpaceContract {

  static final PciAddress ONE = new PciAddress("pcie.0", 5, 0);
  static final PciAddress OTHER = new PciAddress("pcie.0", 6, 1);
  static final PciAddress ELSEWHERE = new PciAddress("rp1", 5, 0);
  static final long RAM = 0x80000000L;
  static final long PAGE = 4096;
  static final AddressRange LOW_RAM = new AddressRange(0, RAM - 1);

  /** Above 1 TiB, of an odd number of pages. */
  static final AddressRange HIGH_RAM = new AddressRange(0x10000000000L, 0x10fffff0fffL);

  /** The provider under test. */
  protected abstract VirtualIommuProvider provider();

  /**
   * Settings with which it realizes and, if guest actions are modelled, with which a notifier for
   * maps is taken; each {@code name=value}. By default none.
   */
  protected List<String> settings() {
    return List.of();
  }

  /** The release; by default 10.2. */
  protected QemuProfile profile() {
    return QemuProfile.V10_2;
  }

  /** The machine; by default {@code q35}, run by KVM with a split irqchip. */
  protected String machineType() {
    return "q35";
  }

  /**
   * Whether what a guest does is modelled; by default, whether the vIOMMU can translate at all by
   * its {@link VirtualIommu#limits}. If not, every action is expected to be answered with {@link
   * ActionResult.Unsupported}.
   */
  protected boolean playsGuestActions() {
    return new Vm().iommu.limits().canTranslate();
  }

  /**
   * Whether the guest attaches devices to domains, which refuse to map what is mapped and to split
   * a mapping, and end with their last device; by default not, it writes tables. The actions of the
   * other kind are expected to be answered with {@link ActionResult.Unsupported}.
   */
  protected boolean hasDomains() {
    return false;
  }

  /** A VM with 2 GiB of RAM, nearly 64 GiB more from 1 TiB on, and the vIOMMU. */
  final class Vm {
    final GuestMemory memory = new GuestMemory(false, profile().hasUnmergeableRegions());
    final MemoryRegion root = memory.container("system", ByteSize.WHOLE_SPACE);
    final AddressSpace system = memory.addressSpace("memory", root);
    final VirtualIommu iommu;

    Vm() {
      root.add(0, memory.ram("ram0", LOW_RAM.size()));
      root.add(HIGH_RAM.first(), memory.ram("ram-high", HIGH_RAM.size()));
      MachineFacts machine =
          new MachineFacts(
              profile(),
              machineType(),
              Accelerator.KVM,
              KernelIrqchip.SPLIT,
              1,
              memory,
              system,
              event -> {});
      Result<VirtualIommu> realized = provider().realize(values(settings()), machine);
      if (realized instanceof Result.Failed<VirtualIommu> failed) {
        fail("realize() fails with the settings() " + settings() + ": " + failed.error().text());
      }
      iommu = ((Result.Ok<VirtualIommu>) realized).value();
    }

    IommuFollower follow(PciAddress device) {
      IommuFollower follower = new IommuFollower(system, hasDomains());
      memory.register(follower, iommu.addressSpace(device));
      return follower;
    }

    void play(GuestAction action) {
      if (guest(action) instanceof ActionResult.Unsupported unsupported) {
        fail(
            "guest("
                + action
                + ") is not supported: "
                + unsupported.reason()
                + "; if nothing that a guest does is modelled, playsGuestActions() must be false");
      }
    }

    /** Asks for an action to be played; what is thrown is told as what it is. */
    ActionResult guest(GuestAction action) {
      try {
        return iommu.guest(action);
      } catch (RuntimeException thrown) {
        return fail("guest(" + action + ") throws, expected a result", thrown);
      }
    }

    /** Has a device translated; each is in a domain of its own. */
    void translate(PciAddress device) {
      play(
          hasDomains()
              ? new GuestAction.Attach(device, device.slot())
              : new GuestAction.WriteContext(
                  device, ContextMode.TRANSLATE, iommu.limits().addressBits()));
    }

    /** Turns translation on, for devices that have it. */
    void begin() {
      if (!hasDomains()) {
        play(new GuestAction.Enable());
        takeUp();
      }
    }

    /** Ends translation for a device, by passing it through where nothing is ever turned off. */
    GuestAction end(PciAddress device) {
      GuestAction end =
          hasDomains() ? new GuestAction.Detach(device, device.slot()) : new GuestAction.Disable();
      if (guest(end) instanceof ActionResult.Unsupported) {
        end =
            new GuestAction.WriteContext(
                device, ContextMode.PASSTHROUGH, iommu.limits().addressBits());
        play(end);
        takeUp();
      }
      return end;
    }

    /** Has what was written taken up. */
    void takeUp() {
      if (!hasDomains()) {
        play(new GuestAction.Invalidate());
      }
    }

    /** Plays a map or unmap that may be refused: over what is mapped, or of a part of it. */
    boolean isPlayed(GuestAction action) {
      return guest(action) instanceof ActionResult.Done;
    }

    void map(PciAddress device, long iova, long address, int pages) {
      play(new GuestAction.Map(device, iova, address, pages));
    }

    /** What a device sees, as text. */
    List<String> view(PciAddress device) {
      List<String> rows = new ArrayList<>();
      for (FlatRange range : iommu.addressSpace(device).view().ranges()) {
        rows.add(
            range.range() + " " + range.region().name() + "@" + U64.hex(range.offsetInRegion()));
      }
      return rows;
    }
  }

  private PropertyValues values(List<String> settings) {
    List<PropertySetting> given = settings.stream().map(PropertySetting::parse).toList();
    Result<PropertyValues> values = provider().properties(profile()).read(given);
    if (values instanceof Result.Failed<PropertyValues> failed) {
      fail(
          "the settings() "
              + settings
              + " are no properties(...) of the provider: "
              + failed.error().text());
    }
    return ((Result.Ok<PropertyValues>) values).value();
  }

  /** An action of every kind, some of them senseless. */
  static List<GuestAction> actions() {
    return List.of(
        new GuestAction.WriteContext(ONE, ContextMode.TRANSLATE, 48),
        new GuestAction.Attach(ONE, 1),
        new GuestAction.Attach(ONE, -1),
        new GuestAction.SetRoot(),
        new GuestAction.Map(ONE, 0x100000, 0x200000, 4),
        new GuestAction.Enable(),
        new GuestAction.WriteContext(ONE, ContextMode.TRANSLATE, 13),
        new GuestAction.WriteContext(ONE, ContextMode.PASSTHROUGH, 48),
        new GuestAction.Map(ONE, 0x123, 0x200000, 4),
        new GuestAction.Map(ONE, 0x100000, 0x200123, 4),
        new GuestAction.Map(ONE, 0x100000, 0x200000, 0),
        new GuestAction.Map(ONE, -PAGE, 0x200000, 16),
        new GuestAction.Map(ONE, 0x100000, -PAGE, 16),
        new GuestAction.Invalidate(),
        new GuestAction.Unmap(ONE, 0x100000, 2),
        new GuestAction.Unmap(ONE, 0x123, 1),
        new GuestAction.Unmap(ONE, -PAGE, Integer.MAX_VALUE),
        new GuestAction.WriteContext(ONE, ContextMode.ABSENT, 0),
        new GuestAction.Detach(ONE, 2),
        new GuestAction.Detach(ONE, 1),
        new GuestAction.Detach(ONE, 1),
        new GuestAction.Invalidate(),
        new GuestAction.Disable());
  }

  @Test
  @DisplayName("it realizes with the given settings")
  void itRealizes() {
    assertNotNull(new Vm().iommu);
  }

  @Test
  @DisplayName("every release has properties that can be read, for the device of that name")
  void everyProfileHasAReadableSchema() {
    assertFalse(provider().name().isBlank(), "name() of the provider is blank");
    for (QemuProfile profile : QemuProfile.values()) {
      PropertySchema schema = provider().properties(profile);
      assertEquals(provider().name(), schema.device(), "device() of properties(" + profile + ")");
      assertInstanceOf(
          Result.Ok.class, schema.read(List.of()), "no settings for properties(" + profile + ")");
      assertInstanceOf(
          Result.Failed.class,
          schema.read(List.of(PropertySetting.of("no-such-property", "1"))),
          "an unknown property for properties(" + profile + ")");
    }
  }

  @Test
  @DisplayName("a device has one address space, always the same, never that of the processor")
  void aDeviceHasOneAddressSpaceOfItsOwn() {
    Vm vm = new Vm();
    AddressSpace space = vm.iommu.addressSpace(ONE);
    assertNotSame(vm.system, space, "addressSpace() gives the processor's own");
    assertSame(
        space,
        vm.iommu.addressSpace(new PciAddress("pcie.0", 5, 0)),
        "addressSpace() of the same device again");
    assertFalse(space.name().isBlank(), "the name of addressSpace() is blank");
    assertTrue(
        vm.memory.addressSpaces().contains(space), "addressSpace() is not made by the VM's memory");
    for (GuestAction action : actions()) {
      vm.guest(action);
      assertSame(space, vm.iommu.addressSpace(ONE), () -> "addressSpace() after " + action);
    }
  }

  @Test
  @DisplayName("two devices do not share an address space, whether slot or bus is another")
  void devicesDoNotShareAnAddressSpace() {
    Vm vm = new Vm();
    assertNotSame(
        vm.iommu.addressSpace(ONE), vm.iommu.addressSpace(OTHER), "addressSpace() of two slots");
    assertNotSame(
        vm.iommu.addressSpace(ONE),
        vm.iommu.addressSpace(ELSEWHERE),
        "addressSpace() of two buses");
  }

  @Test
  @DisplayName("two VMs share nothing")
  void machinesAreIndependent() {
    Vm vm = new Vm();
    Vm another = new Vm();
    List<String> before = another.view(ONE);
    assertNotSame(
        vm.iommu.addressSpace(ONE), another.iommu.addressSpace(ONE), "addressSpace() of two VMs");
    actions().forEach(vm::guest);
    assertEquals(before, another.view(ONE), "addressSpace() of a VM after guest() in another");
  }

  @Test
  @DisplayName("the highest address is that of the address bits, whatever the guest does")
  void limitsAreConsistent() {
    Vm vm = new Vm();
    IovaLimits limits = vm.iommu.limits();
    assertEquals(
        IovaLimits.ofBits(limits.canTranslate(), limits.addressBits()),
        limits,
        "limits() by their own addressBits()");
    for (GuestAction action : actions()) {
      vm.guest(action);
      assertEquals(limits, vm.iommu.limits(), () -> "limits() after " + action);
    }
  }

  @Test
  @DisplayName("a device sees system memory where the processor has it, or IOMMU regions")
  void whatADeviceSeesIsSystemMemoryOrTranslated() {
    Vm vm = new Vm();
    AddressSpace space = vm.iommu.addressSpace(ONE);
    checkView(vm, space);
    vm.root.add(0x100000000L, vm.memory.ram("ram1", ByteSize.of(RAM)));
    checkView(vm, space);
    vm.root.add(0x10000, vm.memory.rom("rom0", ByteSize.of(0x10000)), 1);
    checkView(vm, space);
    actions().forEach(vm::guest);
    checkView(vm, space);
    vm.root.add(0x200000000L, vm.memory.ram("ram2", ByteSize.of(RAM)));
    checkView(vm, space);
  }

  /** Everything is translated, or all RAM of the system is seen at its place, and no other. */
  static void checkView(Vm vm, AddressSpace space) {
    boolean translated = false;
    for (FlatRange range : space.view().ranges()) {
      translated |= range.region() instanceof MemoryRegion.Iommu;
      if (range.region().isRam()) {
        FlatRange there = vm.system.view().at(range.range().first()).orElse(null);
        assertTrue(
            there != null && there.region() == range.region(),
            () ->
                "addressSpace(): the device sees "
                    + range.region()
                    + " at "
                    + range.range()
                    + ", where the processor sees "
                    + there);
      }
    }
    for (FlatRange range : vm.system.view().ranges()) {
      FlatRange seen = space.view().at(range.range().first()).orElse(null);
      assertTrue(
          translated || seen != null && seen.region() == range.region(),
          () ->
              "addressSpace(): the device does not see " + range.region() + " at " + range.range());
    }
  }

  @Test
  @DisplayName("the host's facts are answered, never thrown at")
  void attachAndMachineDoneAnswer() {
    Vm vm = new Vm();
    vm.iommu.addressSpace(ONE);
    List<HostIommu> hosts =
        List.of(
            new HostIommu(-PAGE, List.of()),
            new HostIommu(0x40201000L, List.of(new AddressRange(0, 0xfedfffffL))),
            new HostIommu(0x200000, List.of()));
    for (HostIommu host : hosts) {
      assertNotNull(vm.iommu.attach(ONE, host), "attach()");
    }
    assertNotNull(vm.iommu.machineDone(List.of(ONE, OTHER)), "machineDone()");
    vm.iommu.detach(ONE);
    assertNotNull(vm.iommu.machineDone(List.of()), "machineDone()");
    assertNotNull(vm.iommu.nonMigratable(), "nonMigratable()");
  }
}
