package io.github.stopcopy.core.config;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A VM as its command line describes it, independent of the release that is to run it. Immutable;
 * made with {@link #builder()} or by a reader.
 *
 * @param machineType the machine, e.g. {@code q35} or {@code pc-q35-9.1}
 * @param machineOptions the machine's options as text
 * @param accelerator what runs the guest, if the command line says
 * @param cpuModel the CPU model, empty for the machine's default
 * @param cpuOptions the CPU's options as text
 * @param vcpus how many virtual CPUs there may be at most, at least 1
 * @param ramSize RAM in bytes, without DIMMs, at least 1
 * @param ramSlots slots for DIMMs
 * @param maxRamSize RAM with DIMMs in bytes, at most; equal to ramSize without hot-plug
 * @param devices the devices in the order given, which matters
 * @param objects the objects by id
 * @param globals defaults for device types in the order given
 * @param pflash whether firmware sits in flash
 * @param dirtyRing whether KVM is asked to collect dirty pages in rings ({@code -accel
 *     kvm,dirty-ring-size=})
 * @param onlyMigratable whether {@code -only-migratable} was given
 * @param incoming whether the VM waits for an incoming migration
 * @param unknownOptions options that were kept but mean nothing to the model
 * @param memory where the machine puts its memory
 * @param refusedOption why QEMU ends while it reads these options, before it makes anything; the
 *     option that it refuses is not among the devices and objects (R-OBS-127)
 */
public record VmConfig(
    String machineType,
    Map<String, String> machineOptions,
    Optional<Accelerator> accelerator,
    Optional<String> cpuModel,
    Map<String, String> cpuOptions,
    int vcpus,
    long ramSize,
    int ramSlots,
    long maxRamSize,
    List<DeviceConfig> devices,
    Map<String, ObjectConfig> objects,
    List<GlobalProperty> globals,
    boolean pflash,
    boolean dirtyRing,
    boolean onlyMigratable,
    boolean incoming,
    List<String> unknownOptions,
    MachineMemory memory,
    Optional<QemuError> refusedOption) {

  /**
   * Copies the collections; maps keep the order in which they were given. Nothing may be null.
   *
   * @throws IllegalArgumentException if no machine can have these sizes and counts
   */
  public VmConfig {
    Objects.requireNonNull(machineType, "machineType");
    Objects.requireNonNull(accelerator, "accelerator");
    Objects.requireNonNull(cpuModel, "cpuModel");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(refusedOption, "refusedOption");
    if (machineType.isEmpty()) {
      throw new IllegalArgumentException("no machine type, expected a name such as q35");
    }
    if (vcpus < 1) {
      throw new IllegalArgumentException(vcpus + " virtual CPUs, expected at least 1");
    }
    if (ramSize < 1) {
      throw new IllegalArgumentException(
          "RAM of " + ramSize + " bytes, expected at least 1 and below 2^63");
    }
    if (maxRamSize < ramSize) {
      throw new IllegalArgumentException(
          "at most "
              + maxRamSize
              + " bytes of RAM with DIMMs, expected no less than without, "
              + ramSize);
    }
    if (ramSlots < 0) {
      throw new IllegalArgumentException(ramSlots + " slots for DIMMs, expected 0 or more");
    }
    machineOptions = ImmutableMap.copyOf(machineOptions);
    cpuOptions = ImmutableMap.copyOf(cpuOptions);
    devices = List.copyOf(devices);
    objects = ImmutableMap.copyOf(objects);
    globals = List.copyOf(globals);
    unknownOptions = List.copyOf(unknownOptions);
  }

  /** A builder with QEMU's defaults: a {@code pc} machine with one CPU and 128 MiB. */
  public static VmConfigBuilder builder() {
    return new VmConfigBuilder();
  }

  /** A builder with these values. */
  public VmConfigBuilder toBuilder() {
    return new VmConfigBuilder(this);
  }

  /** Whether the machine is of the q35 family. */
  public boolean isQ35() {
    return MachineTypes.isQ35(machineType);
  }

  /** What runs the guest on a host: what the command line says, else the host, else TCG. */
  public Accelerator acceleratorOn(HostFacts host) {
    return accelerator.or(host::accelerator).orElse(Accelerator.TCG);
  }

  /** The same VM with its memory elsewhere. */
  public VmConfig withMemory(MachineMemory other) {
    return with(devices, other);
  }

  /** The same VM with these devices. */
  public VmConfig withDevices(List<DeviceConfig> other) {
    return with(other, memory);
  }

  /** Without a builder, which would copy all else: remedies and scenarios make many of these. */
  private VmConfig with(List<DeviceConfig> otherDevices, MachineMemory otherMemory) {
    return new VmConfig(
        machineType,
        machineOptions,
        accelerator,
        cpuModel,
        cpuOptions,
        vcpus,
        ramSize,
        ramSlots,
        maxRamSize,
        otherDevices,
        objects,
        globals,
        pflash,
        dirtyRing,
        onlyMigratable,
        incoming,
        unknownOptions,
        otherMemory,
        refusedOption);
  }
}
