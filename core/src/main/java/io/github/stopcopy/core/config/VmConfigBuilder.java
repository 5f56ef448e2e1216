package io.github.stopcopy.core.config;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.Accelerator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of a {@link VmConfig}; refuses null. Where the machine puts its memory must be
 * said: {@code PcMemory} of the module {@code qemu} knows it for PCs. Not thread-safe.
 *
 * {@snippet file="VerdictTest.java" region="builder"}
 */
public final class VmConfigBuilder {

  private String machineType = "pc";
  private Map<String, String> machineOptions = new LinkedHashMap<>();
  private Optional<Accelerator> accelerator = Optional.empty();
  private Optional<String> cpuModel = Optional.empty();
  private Map<String, String> cpuOptions = new LinkedHashMap<>();
  private int vcpus = 1;
  private long ramSize = 128L << 20;
  private int ramSlots;
  private long maxRamSize;
  private List<DeviceConfig> devices = new ArrayList<>();
  private Map<String, ObjectConfig> objects = new LinkedHashMap<>();
  private List<GlobalProperty> globals = new ArrayList<>();
  private boolean pflash;
  private boolean dirtyRing;
  private boolean onlyMigratable;
  private boolean incoming;
  private List<String> unknownOptions = new ArrayList<>();
  private @Nullable MachineMemory memory;
  private Optional<QemuError> refusedOption = Optional.empty();

  VmConfigBuilder() {}

  VmConfigBuilder(VmConfig vm) {
    machineType = vm.machineType();
    machineOptions = new LinkedHashMap<>(vm.machineOptions());
    accelerator = vm.accelerator();
    cpuModel = vm.cpuModel();
    cpuOptions = new LinkedHashMap<>(vm.cpuOptions());
    vcpus = vm.vcpus();
    ramSize = vm.ramSize();
    ramSlots = vm.ramSlots();
    maxRamSize = vm.maxRamSize() == vm.ramSize() ? 0 : vm.maxRamSize();
    devices = new ArrayList<>(vm.devices());
    objects = new LinkedHashMap<>(vm.objects());
    globals = new ArrayList<>(vm.globals());
    pflash = vm.pflash();
    dirtyRing = vm.dirtyRing();
    onlyMigratable = vm.onlyMigratable();
    incoming = vm.incoming();
    unknownOptions = new ArrayList<>(vm.unknownOptions());
    memory = vm.memory();
    refusedOption = vm.refusedOption();
  }

  /** Sets the machine type. */
  public VmConfigBuilder machineType(String type) {
    machineType = Objects.requireNonNull(type, "machineType");
    return this;
  }

  /** Sets one machine option. */
  public VmConfigBuilder machineOption(String name, String value) {
    machineOptions.put(
        Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** Sets the accelerator. */
  public VmConfigBuilder accelerator(Accelerator value) {
    accelerator = Optional.of(value);
    return this;
  }

  /** Sets the CPU model. */
  public VmConfigBuilder cpuModel(String model) {
    cpuModel = Optional.of(model);
    return this;
  }

  /** Sets one option of the CPU. */
  public VmConfigBuilder cpuOption(String name, String value) {
    cpuOptions.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /** Sets how many virtual CPUs there may be, at least 1. */
  public VmConfigBuilder vcpus(int count) {
    vcpus = count;
    return this;
  }

  /** Sets the RAM without DIMMs, in bytes. */
  public VmConfigBuilder ramSize(long bytes) {
    ramSize = bytes;
    return this;
  }

  /** Sets the slots for DIMMs and the RAM with them, in bytes. */
  public VmConfigBuilder hotplugMemory(int slots, long maxBytes) {
    ramSlots = slots;
    maxRamSize = maxBytes;
    return this;
  }

  /** Replaces all devices. */
  public VmConfigBuilder devices(List<DeviceConfig> all) {
    devices = new ArrayList<>(List.copyOf(all));
    return this;
  }

  /** Adds a device behind the others. */
  public VmConfigBuilder device(DeviceConfig device) {
    devices.add(Objects.requireNonNull(device, "device"));
    return this;
  }

  /** Adds an object. */
  public VmConfigBuilder object(ObjectConfig object) {
    objects.put(object.id(), object);
    return this;
  }

  /** Adds a default for a device type. */
  public VmConfigBuilder global(GlobalProperty global) {
    globals.add(Objects.requireNonNull(global, "global"));
    return this;
  }

  /** Says whether firmware sits in flash. */
  public VmConfigBuilder pflash(boolean value) {
    pflash = value;
    return this;
  }

  /** Says whether KVM is asked to collect dirty pages in rings. */
  public VmConfigBuilder dirtyRing(boolean value) {
    dirtyRing = value;
    return this;
  }

  /** Says whether {@code -only-migratable} was given. */
  public VmConfigBuilder onlyMigratable(boolean value) {
    onlyMigratable = value;
    return this;
  }

  /** Says whether the VM waits for an incoming migration. */
  public VmConfigBuilder incoming(boolean value) {
    incoming = value;
    return this;
  }

  /** Keeps an option that means nothing to the model. */
  public VmConfigBuilder unknownOption(String option) {
    unknownOptions.add(Objects.requireNonNull(option, "option"));
    return this;
  }

  /** Sets who knows where the machine puts its memory. */
  public VmConfigBuilder memory(MachineMemory value) {
    memory = Objects.requireNonNull(value, "memory");
    return this;
  }

  /** Says why QEMU ends while it reads the options; the first one counts. */
  public VmConfigBuilder refusedOption(QemuError error) {
    refusedOption = refusedOption.or(() -> Optional.of(error));
    return this;
  }

  /**
   * The finished description.
   *
   * @throws IllegalArgumentException if it makes no VM: nobody knows where the machine puts its
   *     memory, or no machine can have these sizes and counts
   */
  public VmConfig build() {
    if (memory == null) {
      throw new IllegalArgumentException(
          "nobody knows where the machine puts its memory, expected memory(...)");
    }
    return new VmConfig(
        machineType,
        machineOptions,
        accelerator,
        cpuModel,
        cpuOptions,
        vcpus,
        ramSize,
        ramSlots,
        maxRamSize == 0 ? ramSize : maxRamSize,
        devices,
        objects,
        globals,
        pflash,
        dirtyRing,
        onlyMigratable,
        incoming,
        unknownOptions,
        memory,
        refusedOption);
  }
}
