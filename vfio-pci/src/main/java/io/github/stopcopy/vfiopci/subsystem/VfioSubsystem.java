package io.github.stopcopy.vfiopci.subsystem;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.device.Attachment;
import io.github.stopcopy.vfiopci.device.VfioPciDevice;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.kernel.VfioKernel;
import io.github.stopcopy.vfiopci.mapping.MappedContainer;
import io.github.stopcopy.vfiopci.mapping.VmWarnings;
import io.github.stopcopy.vfiopci.tracking.DeviceCounts;
import io.github.stopcopy.vfiopci.tracking.VmDevices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The groups and containers of one VM, and who shares what. Not thread-safe. */
public final class VfioSubsystem implements VmDevices {

  private final VfioEnvironment environment;
  private final VfioKernel kernel;
  private final VmWarnings warnings = new VmWarnings();
  private final List<VfioGroup> groups = new ArrayList<>(1);
  private final List<AttachedContainer> containers = new ArrayList<>(1);

  // What the lists hold, to be found without a look at each.
  private final Map<Integer, VfioGroup> groupByNumber = new HashMap<>(4);
  private final Map<String, VfioGroup> groupByDevice = new HashMap<>(4);
  private final Map<VfioGroup, AttachedContainer> containerByGroup = new HashMap<>(4);
  private final IdentityHashMap<AddressSpace, List<AttachedContainer>> containersBySpace =
      new IdentityHashMap<>(2);
  private final DeviceCounts all = new DeviceCounts();
  private final DeviceCounts behindVirtualIommu = new DeviceCounts();
  private int nextContainer;

  /**
   * A VM without VFIO devices.
   *
   * @param environment what VFIO needs of the rest
   * @param kernel answers for the host
   */
  public VfioSubsystem(VfioEnvironment environment, VfioKernel kernel) {
    this.environment = environment;
    this.kernel = kernel;
  }

  /** How the release behaves. */
  public VfioBehaviour behaviour() {
    return environment.behaviour();
  }

  /** Where the model departs from QEMU on request. */
  public VfioPolicy policy() {
    return environment.policy();
  }

  /** The containers in the order of their creation. */
  public List<VfioContainer> containers() {
    return List.copyOf(containers);
  }

  /** Every device, the newest group and in it the newest device first (R-DT-33). */
  public List<VfioPciDevice> devices() {
    List<VfioPciDevice> found = new ArrayList<>();
    for (VfioGroup group : groups) {
      found.addAll(group.devices());
    }
    return found;
  }

  @Override
  public DeviceCounts counts() {
    return all;
  }

  /**
   * Whether every device has {@code x-migration-iommu-pt} on, those that are not behind the vIOMMU
   * included; without devices as well (R-BLK-30), unless the policy says otherwise.
   * Asked anew each time.
   */
  @Override
  public boolean allIommuPassthrough() {
    if (!behaviour().hasMigrationIommuPt()) {
      return false;
    }
    DeviceCounts asked = policy().asksOnlyDevicesBehindVirtualIommu() ? behindVirtualIommu : all;
    return asked.devices() == 0
        ? !policy().noDeviceMeansNoPassthrough()
        : asked.passthrough() == asked.devices();
  }

  @Override
  public boolean isAnyContainerTranslated() {
    return containers.stream().anyMatch(container -> !container.iommuSections().isEmpty());
  }

  /**
   * Checks a device's properties as realize does (R-PROP-8a, R-PROP-20 .. R-PROP-27).
   *
   * @param id the id from the command line
   * @param address where it sits
   * @param values its properties
   * @param facts what the host knows of it
   * @return the device, not attached yet, or QEMU's error, with the device's prefix where it has
   *     one
   */
  public Result<VfioPciDevice> create(
      Optional<String> id, PciAddress address, PropertyValues values, HostDevice facts) {
    return VfioPciDevice.create(environment, this::hasDevice, id, address, values, facts);
  }

  /**
   * Whether a device could be in this address space: it is not attached, nor is its group attached
   * in another one (R-OBS-2, R-PROP-22).
   */
  public boolean isAttachable(VfioPciDevice device, AddressSpace space) {
    VfioGroup group = groupByNumber.get(kernel.group(device.name()));
    return !hasDevice(device.name()) && (group == null || containerOf(group).space() == space);
  }

  /**
   * Puts a device into its group, and the group into a container of the address space (R-LST-2).
   */
  public Optional<AttachFailure> attach(VfioPciDevice device, AddressSpace space) {
    if (hasDevice(device.name())) {
      return failure(
          AttachFailure.Cause.ALREADY_ATTACHED,
          device,
          QemuError.of(VfioPciDevice.ALREADY_ATTACHED));
    }
    int number = kernel.group(device.name());
    VfioGroup group = groupByNumber.get(number);
    if (group == null) {
      VfioGroup made = new VfioGroup(number);
      Optional<QemuError> failed = connect(made, space, device.usesIommufd());
      if (failed.isPresent()) {
        return failure(
            AttachFailure.Cause.CONTAINER_SETUP,
            device,
            failed.get().withPrefix("failed to setup container for group " + number + ": "));
      }
      groups.add(0, made);
      groupByNumber.put(number, made);
      group = made;
    } else if (containerOf(group).space() != space) {
      return failure(
          AttachFailure.Cause.GROUP_IN_OTHER_ADDRESS_SPACE,
          device,
          QemuError.of("group " + number + " used in multiple address spaces"));
    }
    AttachedContainer container = containerOf(group);
    container.add(group, device);
    count(device, container, 1);
    groupByDevice.put(device.name(), group);
    device.attached(
        new Attachment(container, container.mapped().kernel(), kernel.openDevice(device.name())));
    if (behaviour().warnsWithoutDmaBuf()
        && device.lacksDmaBuf()
        && warnings.isFirstWithoutDmaBuf()) {
      environment
          .events()
          .warning(
              "VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA will not work");
    }
    return Optional.empty();
  }

  /** Takes a device out; a group and a container without devices go with it. */
  public void detach(VfioPciDevice device) {
    VfioGroup group = groupOf(device);
    AttachedContainer container = containerOf(group);
    container.remove(group, device);
    count(device, container, -1);
    groupByDevice.remove(device.name());
    if (group.devices().isEmpty()) {
      groups.remove(group);
      groupByNumber.remove(group.number());
      containerByGroup.remove(group);
      container.removeGroup(group);
      if (container.isWithoutGroups()) {
        container.close();
        containers.remove(container);
        ofSpace(container.space()).remove(container);
      }
    }
    device.detached();
  }

  private void count(VfioPciDevice device, AttachedContainer container, int more) {
    all.count(device, more);
    if (container.isBehindVirtualIommu()) {
      behindVirtualIommu.count(device, more);
    }
  }

  /** Whether QEMU has ended on the spot. */
  public boolean hasAborted() {
    return environment.end().hasAborted();
  }

  private boolean hasDevice(String name) {
    return groupByDevice.containsKey(name);
  }

  private static Optional<AttachFailure> failure(
      AttachFailure.Cause cause, VfioPciDevice device, QemuError error) {
    return Optional.of(new AttachFailure(cause, device.prefixed(error)));
  }

  private VfioGroup groupOf(VfioPciDevice device) {
    VfioGroup group = groupByDevice.get(device.name());
    if (group == null || !group.devices().contains(device)) {
      throw new IllegalStateException(device.name() + " is not attached");
    }
    return group;
  }

  private AttachedContainer containerOf(VfioGroup group) {
    AttachedContainer container = containerByGroup.get(group);
    if (container == null) {
      throw new IllegalStateException("group " + group.number() + " has no container");
    }
    return container;
  }

  private List<AttachedContainer> ofSpace(AddressSpace space) {
    return containersBySpace.computeIfAbsent(space, key -> new ArrayList<>(1));
  }

  private Optional<QemuError> connect(VfioGroup group, AddressSpace space, boolean iommufd) {
    for (AttachedContainer container : ofSpace(space)) {
      if (container.mapped().isIommufd() == iommufd && container.addGroup(group)) {
        containerByGroup.put(group, container);
        return Optional.empty();
      }
    }
    AttachedContainer container =
        new AttachedContainer(
            environment,
            new MappedContainer(
                environment, nextContainer++, kernel.openContainer(iommufd), iommufd),
            space,
            this,
            warnings);
    container.addGroup(group);
    Optional<QemuError> failed = container.open();
    if (failed.isPresent()) {
      container.removeGroup(group);
      return failed;
    }
    containers.add(container);
    ofSpace(space).add(container);
    containerByGroup.put(group, container);
    return Optional.empty();
  }
}
