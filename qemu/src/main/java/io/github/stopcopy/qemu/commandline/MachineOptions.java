package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.qemu.machine.PcMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects {@code -machine} and {@code -accel}. All {@code -machine} make one, in which the last
 * value of an option counts; the first accelerator named is the one QEMU tries first.
 */
final class MachineOptions {

  private static final long FOUR_GIB = 1L << 32;

  private final Map<String, String> options = new LinkedHashMap<>();
  private String type = "pc";
  private @Nullable Accelerator accelerator;
  private @Nullable Accelerator machineAccelerator;
  private boolean acceleratorOption;
  private boolean pflash;
  private @Nullable QemuError refused;
  private boolean dirtyRing;
  private @Nullable Word last;

  void machine(Word value) throws InputException {
    last = value;
    for (KeyValue part : KeyValue.parse(value.text(), "type")) {
      String name = part.name().replace('_', '-');
      if (name.equals("type")) {
        type = part.value();
        continue;
      }
      if (name.equals("accel")) {
        machineAccelerator = firstAccelerator(part.value());
      } else if (name.equals("max-ram-below-4g")) {
        long most = Numbers.size(name, part.value(), 'B');
        if (most > FOUR_GIB && refused == null) {
          refused =
              QemuError.of(
                  "Machine option '"
                      + name
                      + "="
                      + most
                      + "' expects size less than or equal to 4G");
        }
      } else if (name.equals("pflash0")) {
        pflash = true;
      }
      options.put(name, part.value());
    }
  }

  void accel(String text) throws InputException {
    acceleratorOption = true;
    for (KeyValue part : KeyValue.parse(text, "accel")) {
      String name = part.name().replace('_', '-');
      if (name.equals("accel")) {
        Accelerator named = firstAccelerator(part.value());
        accelerator = accelerator == null ? named : accelerator;
      } else if (name.equals("kernel-irqchip")) {
        options.put(name, part.value());
      } else if (name.equals("dirty-ring-size")) {
        dirtyRing = Numbers.count(name, part.value(), 0, Integer.MAX_VALUE) > 0;
      }
    }
  }

  void enableKvm() {
    machineAccelerator = Accelerator.KVM;
  }

  /** The id of the object that is the machine's memory. */
  Optional<String> memoryBackend() {
    return Optional.ofNullable(options.get("memory-backend"));
  }

  /** A complaint about the machine, in the place where it was named last. */
  InputException wrong(String problem) {
    return InputException.at(
        last == null ? "" : last.source(), last == null ? 0 : last.line(), "-machine: " + problem);
  }

  void finish(VmConfigBuilder vm) throws InputException {
    if (!PcMemory.models(type)) {
      throw wrong("machine " + Quote.of(type) + " is not modelled, expected q35 or pc");
    }
    if (acceleratorOption && options.containsKey("accel")) {
      throw wrong("accel= beside the option -accel, expected one of them");
    }
    options.forEach(vm::machineOption);
    if (refused != null) {
      vm.refusedOption(refused);
    }
    Accelerator chosen = accelerator != null ? accelerator : machineAccelerator;
    if (chosen != null) {
      vm.accelerator(chosen);
    }
    if (dirtyRing) {
      vm.dirtyRing(true);
    }
    if (pflash) {
      vm.pflash(true);
    }
    vm.machineType(type).memory(new PcMemory());
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
}
