package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Collects {@code -m}; all of them make one, in which the last value of an option counts. */
final class MemoryOptions {

  private static final long DEFAULT_RAM = 128L << 20;
  private static final int MOST_SLOTS = 256;

  private @Nullable Long ramSize;
  private @Nullable Long maxRamSize;
  private int ramSlots;
  private @Nullable Word last;

  void read(Word value) throws InputException {
    last = value;
    for (KeyValue part : KeyValue.parse(value.text(), "size")) {
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

  void finish(VmConfigBuilder vm, MachineOptions machine, Map<String, ObjectConfig> objects)
      throws InputException {
    Optional<Long> backend = backendSize(machine, objects);
    long ram = ramSize != null ? ramSize : backend.orElse(DEFAULT_RAM);
    if (backend.isPresent() && backend.get() != ram) {
      throw wrong(
          ram
              + " bytes of RAM, but the memory backend "
              + Quote.of(machine.memoryBackend().orElse(""))
              + " has "
              + backend.get()
              + ", expected the same size");
    }
    long maxRam = maxRamSize != null ? maxRamSize : ram;
    if (maxRam < ram) {
      throw wrong("maxmem is less than the RAM, " + maxRam + " < " + ram + " bytes");
    }
    if (ramSlots > 0 && maxRamSize == null) {
      throw wrong("slots=" + ramSlots + " without maxmem, expected both");
    }
    vm.ramSize(ram).hotplugMemory(ramSlots, maxRam);
  }

  private InputException wrong(String problem) {
    return InputException.at(
        last == null ? "" : last.source(), last == null ? 0 : last.line(), "-m: " + problem);
  }

  private static Optional<Long> backendSize(
      MachineOptions machine, Map<String, ObjectConfig> objects) throws InputException {
    Optional<String> id = machine.memoryBackend();
    if (id.isEmpty()) {
      return Optional.empty();
    }
    ObjectConfig backend = objects.get(id.get());
    if (backend == null) {
      throw machine.wrong(
          "memory-backend=" + id.get() + " is no object, expected the id of an -object");
    }
    Optional<String> size = MemoryBackends.size(backend.type(), backend.properties());
    return size.isPresent() ? Optional.of(Numbers.size("size", size.get(), 'B')) : Optional.empty();
  }
}
