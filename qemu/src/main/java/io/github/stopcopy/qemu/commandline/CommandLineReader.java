package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.SizeText;
import io.github.stopcopy.qemu.machine.PcMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Goes through the words of one command line and collects the VM. */
final class CommandLineReader {

  /** Options whose value never begins with a dash, so that a missing value can be told. */
  private static final Set<String> NO_DASHED_VALUE =
      Set.of("device", "object", "machine", "M", "m", "smp", "cpu", "accel", "global", "set");

  private static final long DEFAULT_RAM = 128L << 20;
  private static final long FOUR_GIB = 1L << 32;
  private static final int MOST_SLOTS = 256;

  private final String source;
  private final VmConfigBuilder vm = VmConfig.builder();
  private final List<DeviceConfig> devices = new ArrayList<>();
  private final Map<String, DeviceConfig> devicesById = new HashMap<>();
  private final Map<String, List<PropertySetting>> setLater = new HashMap<>();
  private final Map<String, ObjectConfig> objects = new HashMap<>();
  private String machineType = "pc";
  private final Map<String, String> machineOptions = new HashMap<>();
  private @Nullable Accelerator accelerator;
  private @Nullable Accelerator machineAccelerator;
  private boolean acceleratorOption;
  private @Nullable Long ramSize;
  private @Nullable Long maxRamSize;
  private int ramSlots;
  private int machineLine;
  private int ramLine;

  CommandLineReader(String source) {
    this.source = source;
  }

  VmConfig read(List<Word> words) throws InputException {
    int at = 0;
    while (at < words.size()) {
      Word option = words.get(at++);
      if (!option.isOption()) {
        throw InputException.at(
            source, option.line(), Quote.of(option.text()) + " where an option is expected");
      }
      String name = OptionTable.name(option);
      Word next = at < words.size() ? words.get(at) : null;
      if (OptionTable.takesValue(name)) {
        at++;
        withValue(option, name, next);
      } else if (OptionTable.knows(name)) {
        flag(name);
      } else if (next != null && !next.isOption()) {
        at++;
        vm.unknownOption(option.text() + " " + next.text());
      } else {
        vm.unknownOption(option.text());
      }
    }
    return finish();
  }

  private void withValue(Word option, String name, @Nullable Word value) throws InputException {
    if (value == null || NO_DASHED_VALUE.contains(name) && value.isOption()) {
      throw InputException.at(
          source,
          option.line(),
          "option "
              + option.text()
              + " without its value"
              + (value == null ? "" : ", found " + Quote.of(value.text()) + " instead"));
    }
    try {
      option(name, value);
    } catch (InputException e) {
      throw InputException.at(source, value.line(), "-" + name + ": " + e.problem());
    }
  }

  private void flag(String name) {
    switch (name) {
      case "enable-kvm" -> machineAccelerator = Accelerator.KVM;
      case "only-migratable" -> vm.onlyMigratable(true);
      default -> {
        // an option that means nothing to the model
      }
    }
  }

  private void option(String name, Word value) throws InputException {
    String text = value.text();
    switch (name) {
      case "device" -> device(text);
      case "object" -> object(text);
      case "global" -> global(text);
      case "set" -> set(text);
      case "machine", "M" -> {
        machineLine = value.line();
        machine(text);
      }
      case "m" -> {
        ramLine = value.line();
        ram(text);
      }
      case "smp" -> vm.vcpus(SmpOption.vcpus(text));
      case "cpu" -> cpu(text);
      case "accel" -> accel(text);
      case "incoming" -> vm.incoming(true);
      case "pflash" -> vm.pflash(true);
      case "drive" -> drive(text);
      case "readconfig" -> vm.unknownOption("-readconfig " + text);
      default -> {
        // an option that means nothing to the model
      }
    }
  }

  private void device(String text) throws InputException {
    DeviceConfig device = DeviceOptions.device(text);
    if (device.id().isPresent()) {
      String id = device.id().get();
      DeviceConfig other = devicesById.putIfAbsent(id, device);
      if (other != null) {
        throw InputException.of(usedTwice(id, device.driver(), "device " + other.driver()));
      }
      if (!JsonOptions.isJson(text)) {
        setLater.put(id, new ArrayList<>());
      }
    }
    devices.add(device);
  }

  private static String usedTwice(String id, String type, String other) {
    return "id "
        + Quote.of(id)
        + " of "
        + type
        + " is already that of the "
        + other
        + ", expected each id once";
  }

  private void object(String text) throws InputException {
    ObjectConfig object = DeviceOptions.object(text);
    ObjectConfig other = objects.putIfAbsent(object.id(), object);
    if (other != null) {
      throw InputException.of(usedTwice(object.id(), object.type(), "object " + other.type()));
    }
    vm.object(object);
  }

  private void global(String text) throws InputException {
    GlobalProperty global = DeviceOptions.global(text);
    String value = global.setting().value().asText().text();
    if (global.setting().name().equals("pci-hole64-size") && SizeText.parse(value, 'B').isEmpty()) {
      throw InputException.of(
          "pci-hole64-size: " + Quote.of(value) + " is not a size, expected e.g. 32G");
    }
    vm.global(global);
  }

  /** {@code -set device.ID.PROPERTY=VALUE} changes a device; other groups do not matter. */
  private void set(String text) throws InputException {
    int equals = text.indexOf('=');
    String[] path = equals < 0 ? new String[0] : text.substring(0, equals).split("\\.", 3);
    if (path.length != 3) {
      throw InputException.of(Quote.of(text) + ", expected group.id.property=value");
    }
    if (!path[0].equals("device")) {
      return;
    }
    List<PropertySetting> settings = setLater.get(path[1]);
    if (settings == null) {
      throw InputException.of(
          "no -device before it has the id "
              + Quote.of(path[1])
              + " in the form driver,id=..., expected the id of one");
    }
    settings.add(PropertySetting.of(path[2], text.substring(equals + 1)));
  }

  private void machine(String text) throws InputException {
    for (KeyValue part : KeyValue.parse(text, "type")) {
      String name = part.name().replace('_', '-');
      if (name.equals("type")) {
        machineType = part.value();
        continue;
      }
      if (name.equals("accel")) {
        machineAccelerator = firstAccelerator(part.value());
      } else if (name.equals("max-ram-below-4g")) {
        if (Numbers.size(name, part.value(), 'B') > FOUR_GIB) {
          throw InputException.of(name + "=" + part.value() + ", expected at most 4G");
        }
      } else if (name.equals("pflash0")) {
        vm.pflash(true);
      }
      machineOption(name, part.value());
    }
  }

  private void machineOption(String name, String value) {
    machineOptions.put(name, value);
    vm.machineOption(name, value);
  }

  private static Accelerator firstAccelerator(String names) throws InputException {
    for (String name : names.split(":", -1)) {
      if (name.equals("kvm")) {
        return Accelerator.KVM;
      } else if (name.equals("tcg")) {
        return Accelerator.TCG;
      }
    }
    throw InputException.of(
        "accelerator " + Quote.of(names) + " is not modelled, expected kvm or tcg");
  }

  /** The first accelerator named is the one QEMU tries first. */
  private void accel(String text) throws InputException {
    acceleratorOption = true;
    for (KeyValue part : KeyValue.parse(text, "accel")) {
      String name = part.name().replace('_', '-');
      if (name.equals("accel")) {
        Accelerator named = firstAccelerator(part.value());
        accelerator = accelerator == null ? named : accelerator;
      } else if (name.equals("kernel-irqchip")) {
        machineOption(name, part.value());
      }
    }
  }

  private void ram(String text) throws InputException {
    for (KeyValue part : KeyValue.parse(text, "size")) {
      switch (part.name()) {
        case "size" -> ramSize = Numbers.size("size", part.value(), 'M');
        case "maxmem" -> maxRamSize = Numbers.size("maxmem", part.value(), 'B');
        case "slots" -> ramSlots = Numbers.count("slots", part.value(), 0, MOST_SLOTS);
        default ->
            throw InputException.of(
                "unknown " + Quote.of(part.name()) + ", expected size, slots or maxmem");
      }
    }
  }

  private void cpu(String text) throws InputException {
    String[] parts = text.split(",", -1);
    if (parts[0].isEmpty()) {
      throw InputException.of(Quote.of(text) + " names no model, expected model,feature=value,...");
    }
    vm.cpuModel(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i];
      int equals = part.indexOf('=');
      if (part.startsWith("+") || part.startsWith("-")) {
        cpuOption(part.substring(1), part.startsWith("+") ? "on" : "off");
      } else if (equals >= 0) {
        cpuOption(part.substring(0, equals), part.substring(equals + 1));
      } else if (!part.isEmpty()) {
        cpuOption(part, "on");
      }
    }
  }

  private void cpuOption(String given, String value) throws InputException {
    String name = given.replace('_', '-');
    if (name.isEmpty()) {
      throw InputException.of("a feature without a name, expected model,feature=value,...");
    }
    if (name.equals("phys-bits") || name.equals("host-phys-bits-limit")) {
      Numbers.count(name, value, 0, 64);
    }
    vm.cpuOption(name, value);
  }

  private void drive(String text) throws InputException {
    for (KeyValue part : KeyValue.parse(text, null)) {
      if (part.name().equals("if") && part.value().equals("pflash")) {
        vm.pflash(true);
      }
    }
  }

  private VmConfig finish() throws InputException {
    if (!PcMemory.models(machineType)) {
      throw InputException.at(
          source,
          machineLine,
          "-machine: machine " + Quote.of(machineType) + " is not modelled, expected q35 or pc");
    }
    if (acceleratorOption && machineOptions.containsKey("accel")) {
      throw InputException.at(
          source, machineLine, "-machine: accel= beside the option -accel, expected one of them");
    }
    Accelerator chosen = accelerator != null ? accelerator : machineAccelerator;
    if (chosen != null) {
      vm.accelerator(chosen);
    }
    finishRam();
    for (DeviceConfig device : devices) {
      vm.device(withLaterSettings(device));
    }
    return vm.machineType(machineType).memory(new PcMemory()).build();
  }

  private DeviceConfig withLaterSettings(DeviceConfig device) {
    List<PropertySetting> later = setLater.getOrDefault(device.id().orElse(""), List.of());
    if (later.isEmpty()) {
      return device;
    }
    List<PropertySetting> all = new ArrayList<>(device.settings());
    all.addAll(later);
    return new DeviceConfig(device.driver(), device.id(), device.bus(), all);
  }

  private void finishRam() throws InputException {
    Optional<Long> backend = backendSize();
    long ram = ramSize != null ? ramSize : backend.orElse(DEFAULT_RAM);
    if (backend.isPresent() && backend.get() != ram) {
      throw InputException.at(
          source,
          ramLine,
          "-m: "
              + ram
              + " bytes of RAM, but the memory backend "
              + Quote.of(machineOptions.getOrDefault("memory-backend", ""))
              + " has "
              + backend.get()
              + ", expected the same size");
    }
    long maxRam = maxRamSize != null ? maxRamSize : ram;
    if (maxRam < ram) {
      throw InputException.at(
          source, ramLine, "-m: maxmem is less than the RAM, " + maxRam + " < " + ram + " bytes");
    }
    if (ramSlots > 0 && maxRamSize == null) {
      throw InputException.at(
          source, ramLine, "-m: slots=" + ramSlots + " without maxmem, expected both");
    }
    vm.ramSize(ram).hotplugMemory(ramSlots, maxRam);
  }

  private Optional<Long> backendSize() throws InputException {
    String id = machineOptions.get("memory-backend");
    if (id == null) {
      return Optional.empty();
    }
    ObjectConfig backend = objects.get(id);
    if (backend == null) {
      throw InputException.at(
          source,
          machineLine,
          "-machine: memory-backend=" + id + " is no object, expected the id of an -object");
    }
    String size = backend.properties().get("size");
    return size == null ? Optional.empty() : Optional.of(Numbers.size("size", size, 'B'));
  }
}
