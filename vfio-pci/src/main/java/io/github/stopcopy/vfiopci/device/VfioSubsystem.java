package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.kernel.VfioKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What VFIO shares within one VM: its groups, its containers and what they need of the rest. Not
 * thread-safe.
 */
public final class VfioSubsystem {

  static final String ALREADY_ATTACHED = "device is already attached";

  private final VfioBehaviour behaviour;
  private final GuestMemory memory;
  private final AddressSpace system;
  private final VfioKernel kernel;
  private final MigrationControl migration;
  private final EventLog events;
  private final VfioOptions options;
  private final int pageSize;
  private final List<VfioGroup> groups = new ArrayList<>();
  private final List<MappedContainer> containers = new ArrayList<>();
  private int nextContainer;
  private boolean p2pFailureSeen;
  private boolean discardWarned;
  private boolean dmaBufWarned;

  /**
   * A VM without VFIO devices.
   *
   * @param behaviour how the release behaves
   * @param memory the guest's memory
   * @param system the address space of the processor
   * @param kernel answers for the host
   * @param pageSize the host's page size in bytes
   * @param migration the outgoing migration
   * @param events takes what happens
   * @param options what the caller knows or wants otherwise
   */
  public VfioSubsystem(
      VfioBehaviour behaviour,
      GuestMemory memory,
      AddressSpace system,
      VfioKernel kernel,
      int pageSize,
      MigrationControl migration,
      EventLog events,
      VfioOptions options) {
    this.behaviour = behaviour;
    this.memory = memory;
    this.system = system;
    this.kernel = kernel;
    this.pageSize = pageSize;
    this.migration = migration;
    this.events = events;
    this.options = options;
  }

  /** How the release behaves. */
  public VfioBehaviour behaviour() {
    return behaviour;
  }

  /** Where the model departs from QEMU on request. */
  public VfioPolicy policy() {
    return options.policy();
  }

  /** Whether read-only memory counts for tracking (R-LST-11, Q-19). */
  boolean tracksReadonly() {
    return behaviour.tracksReadonly() && !policy().tracksSeparateRanges();
  }

  /** The containers in the order of their creation. */
  public List<MappedContainer> containers() {
    return List.copyOf(containers);
  }

  /**
   * Every device that is attached, the newest group and in it the newest device first (R-DT-33).
   */
  public List<VfioPciDevice> devices() {
    List<VfioPciDevice> all = new ArrayList<>();
    for (VfioGroup group : groups) {
      all.addAll(group.devices());
    }
    return all;
  }

  /**
   * Whether every device has {@code x-migration-iommu-pt} on, those that are not behind the vIOMMU
   * included; without devices as well (R-BLK-30), unless the policy says otherwise.
   * Asked anew each time.
   */
  public boolean allIommuPassthrough() {
    if (!behaviour.hasMigrationIommuPt()) {
      return false;
    }
    List<VfioPciDevice> asked = devices();
    if (options.policy().asksOnlyDevicesBehindVirtualIommu()) {
      asked.removeIf(device -> !device.container().isBehindVirtualIommu());
    }
    return !(asked.isEmpty() && options.policy().noDeviceMeansNoPassthrough())
        && asked.stream().allMatch(VfioPciDevice::isIommuPassthrough);
  }

  /** Whether a device with this name is attached. */
  boolean hasDevice(String name) {
    return devices().stream().anyMatch(device -> device.name().equals(name));
  }

  /**
   * Puts a device into its group, and the group into a container of the address space (R-LST-2).
   */
  Optional<AttachFailure> attach(VfioPciDevice device, AddressSpace space) {
    if (hasDevice(device.name())) {
      return failure(AttachFailure.Cause.ALREADY_ATTACHED, QemuError.of(ALREADY_ATTACHED));
    }
    int number = kernel.group(device.name());
    VfioGroup group = findGroup(number);
    if (group == null) {
      VfioGroup made = new VfioGroup(number);
      Optional<QemuError> failed = connect(made, space, device.usesIommufd());
      if (failed.isPresent()) {
        return failure(
            AttachFailure.Cause.CONTAINER_SETUP,
            failed.get().withPrefix("failed to setup container for group " + number + ": "));
      }
      groups.add(0, made);
      group = made;
    } else if (group.container().space() != space) {
      return failure(
          AttachFailure.Cause.GROUP_IN_OTHER_ADDRESS_SPACE,
          QemuError.of("group " + number + " used in multiple address spaces"));
    }
    group.add(device);
    device.attached(group, kernel.openDevice(device.name()));
    return Optional.empty();
  }

  /** Takes a device out; a group and a container without devices go with it. */
  void detach(VfioPciDevice device) {
    VfioGroup group = device.group();
    group.remove(device);
    if (group.devices().isEmpty()) {
      groups.remove(group);
      MappedContainer container = group.container();
      container.removeGroup(group);
      if (container.groups().isEmpty()) {
        container.close();
        containers.remove(container);
      }
    }
  }

  /**
   * Lets the migration's stream fail. Later releases hand the error over; 8.1 prints it in lines
   * and hands over the number alone (R-MIG-31, R-MIG-34).
   */
  void failStream(QemuError error, String... lines) {
    if (behaviour.errorsAreValues()) {
      migration.setStreamError(error);
      return;
    }
    for (String line : lines) {
      events.error(line);
    }
    migration.setStreamError(error.errno());
  }

  /** Whether no BAR failed to map before; QEMU warns once (R-LST-62). */
  boolean isFirstP2pFailure() {
    boolean first = !p2pFailureSeen;
    p2pFailureSeen = true;
    return first;
  }

  /** Whether no translation led to discardable RAM before; QEMU warns once (R-LST-72). */
  boolean isFirstTranslationToDiscardedRam() {
    boolean first = !discardWarned;
    discardWarned = true;
    return first;
  }

  /** Whether no device was without dma-buf before; QEMU warns once (R-OBS-101). */
  boolean isFirstWithoutDmaBuf() {
    boolean first = !dmaBufWarned;
    dmaBufWarned = true;
    return first;
  }

  GuestMemory memory() {
    return memory;
  }

  AddressSpace system() {
    return system;
  }

  MigrationControl migration() {
    return migration;
  }

  EventLog events() {
    return events;
  }

  VfioOptions options() {
    return options;
  }

  int pageSize() {
    return pageSize;
  }

  private static Optional<AttachFailure> failure(AttachFailure.Cause cause, QemuError error) {
    return Optional.of(new AttachFailure(cause, error));
  }

  private @Nullable VfioGroup findGroup(int number) {
    for (VfioGroup group : groups) {
      if (group.number() == number) {
        return group;
      }
    }
    return null;
  }

  private Optional<QemuError> connect(VfioGroup group, AddressSpace space, boolean iommufd) {
    for (MappedContainer container : containers) {
      if (container.space() == space
          && container.isIommufd() == iommufd
          && container.addGroup(group)) {
        return Optional.empty();
      }
    }
    MappedContainer container =
        new MappedContainer(this, nextContainer++, space, kernel.openContainer(iommufd), iommufd);
    container.addGroup(group);
    Optional<QemuError> failed = container.open();
    if (failed.isPresent()) {
      container.removeGroup(group);
      return failed;
    }
    containers.add(container);
    return Optional.empty();
  }
}
