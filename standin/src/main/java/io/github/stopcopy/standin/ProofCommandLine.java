package io.github.stopcopy.standin;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command line of a VM as it can be started here: its VFIO devices are the stand-in's, all that
 * its machine has keeps its place, RAM is reserved and not used, and nothing of the host is opened:
 * no disk, network, display, socket or firmware. What has no place in that is left out, and told.
 * Not thread-safe.
 */
final class ProofCommandLine {

  /** Options that describe the machine; all others are left out. */
  private static final Set<String> KEPT_SWITCHES =
      Set.of("nodefaults", "no-user-config", "nouserconfig", "only-migratable", "usb");

  /** Where a VM has more RAM than this, its pages are not even looked at by the migration. */
  private static final long MOST_RAM_SENT = 4L << 30;

  /** TCG takes many times as long to look at them. */
  private static final long MOST_RAM_SENT_WITH_TCG = 1L << 30;

  private static final Set<String> MACHINE_BACK_ENDS =
      Set.of(
          ("accel graphics dump-guest-core memory-encryption confidential-guest-support firmware"
                  + " kernel initrd append dtb pflash0 pflash1 mem-merge aux-ram-share"
                  + " sgx-epc.0.memdev sgx-epc.0.node igd-passthru smm nvdimm-persistence")
              .split(" "));

  private static final String SMBIOS_VERSION = "smbios-entry-point-type";

  private static final Set<String> MEMORY_KEYS = Set.of("qom-type", "id", "size", "align");
  private static final String NO_DISK_SIZE = "1073741824";

  private final BinaryTypes types;
  private final VmConfig vm;
  private final HostFacts host;
  private final boolean kvm;
  private final ProofDevices devices;
  private final List<String> argv = new ArrayList<>();
  private final Set<String> leftOut = new LinkedHashSet<>();
  private final Set<String> emptied = new TreeSet<>();
  private final List<String> changes = new ArrayList<>();
  private boolean isAccelerated;
  private boolean hasOwnRam;
  private boolean hasMachine;
  private boolean hasCpu;
  private int hubs;

  private ProofCommandLine(BinaryTypes types, VmConfig vm, HostFacts host, boolean kvm) {
    this.types = types;
    this.vm = vm;
    this.host = host;
    this.kvm = kvm;
    devices = new ProofDevices(types, changes);
  }

  /**
   * What QEMU is started with.
   *
   * @param argv the words, {@link Scene#FOLDER} for the run's folder
   * @param changes what was left out or replaced, a line each
   */
  record Rewritten(List<String> argv, List<String> changes) {}

  /**
   * Rewrites a command line.
   *
   * @param given its words behind the program
   * @param vm the VM that they describe
   * @param host where it runs
   * @param types what the QEMU has that is to run it
   * @param binary that QEMU
   * @throws InputException if a VFIO device cannot be told
   */
  static Rewritten of(
      List<String> given, VmConfig vm, HostFacts host, BinaryTypes types, QemuBinary binary)
      throws InputException {
    ProofCommandLine line = new ProofCommandLine(types, vm, host, binary.kvm());
    line.options(given);
    line.finish(binary);
    return new Rewritten(List.copyOf(line.argv), line.told());
  }

  private void options(List<String> given) throws InputException {
    for (int i = 0; i < given.size(); i++) {
      String word = given.get(i);
      if (!word.startsWith("-")) {
        emptied.add("disks");
        continue;
      }
      String name = word.substring(word.startsWith("--") ? 2 : 1);
      if (KEPT_SWITCHES.contains(name)) {
        argv.add("-" + name);
      } else if (name.equals("enable-kvm")) {
        accelerator("kvm");
      } else if (i + 1 < given.size() && !given.get(i + 1).startsWith("-")) {
        option(name, given.get(++i));
      } else {
        leftOut.add("-" + name);
      }
    }
  }

  private void option(String name, String value) throws InputException {
    switch (name) {
      case "machine", "M" -> machine(value);
      case "accel" -> accelerator(value);
      case "cpu" -> processor(value);
      case "m", "smp", "global" -> add(name, value);
      case "numa" -> {
        hasOwnRam |= value.contains("memdev=");
        add(name, value);
      }
      case "object" -> object(value);
      case "device" -> devices.rewrite(value).ifPresent(text -> add("device", text));
      case "set" -> {
        if (value.startsWith("device.") && devices.isKept(value.split("\\.")[1])) {
          add(name, value);
        } else {
          leftOut.add("-set");
        }
      }
      case "vga" -> vga(value);
      case "netdev" -> {
        String id = OptionText.parse(value, "type").get("id").orElse("");
        add("netdev", OptionText.of("type", "hubport", "hubid", hubs++ + "", "id", id).toString());
        emptied.add("networks");
      }
      case "blockdev" -> {
        String node = OptionText.parse(value, "driver").get("node-name").orElse("");
        emptyDisk(node);
      }
      case "drive" -> drive(OptionText.parse(value, "file"));
      case "chardev" -> {
        String id = OptionText.parse(value, "backend").get("id").orElse("");
        add("chardev", OptionText.of("backend", "null", "id", id).toString());
        emptied.add("character devices");
      }
      case "audiodev" -> {
        String id = OptionText.parse(value, "driver").get("id").orElse("");
        add("audiodev", OptionText.of("driver", "none", "id", id).toString());
        emptied.add("sound");
      }
      default -> leftOut.add("-" + name);
    }
  }

  private void add(String option, String value) {
    argv.add("-" + option);
    argv.add(value);
  }

  private void machine(String value) {
    OptionText machine = OptionText.parse(value, "type");
    String accelerator = machine.get("accel").orElse("");
    boolean hasFlash = machine.has("pflash0");
    Optional<String> type = machine.get("type");
    machine.drop(MACHINE_BACK_ENDS);
    if (!kvm) {
      machine.drop(List.of("kernel-irqchip", "kernel_irqchip"));
    }
    if (type.isPresent()) {
      machine.put("type", knownMachine(type.get()));
    }
    if (vm.vcpus() > ProofCpu.MOST_XAPIC_CPUS && !machine.has(SMBIOS_VERSION)) {
      machine.put(SMBIOS_VERSION, "64");
      changes.add("SMBIOS tables have version 3, which so many processors need");
    }
    if (!accelerator.isEmpty()) {
      isAccelerated = true;
      machine.put("accel", kvm ? accelerator : "tcg");
    }
    hasOwnRam |= machine.has("memory-backend");
    hasMachine = true;
    if (hasFlash) {
      emptied.add("firmware");
    }
    add("machine", machine.toString());
  }

  private String knownMachine(String type) {
    String plain = type.replaceFirst("\\+pve[0-9]+$", "");
    String known = types.machines().contains(plain) ? plain : vm.isQ35() ? "q35" : "pc";
    if (!known.equals(plain)) {
      changes.add("machine " + type + " became " + known + ": this QEMU does not have it");
    }
    return known;
  }

  private void accelerator(String value) {
    isAccelerated = true;
    add("accel", kvm ? value : "tcg");
  }

  private void processor(String value) {
    hasCpu = true;
    add("cpu", new ProofCpu(types, vm, host, kvm, changes).rewrite(value));
  }

  /** Whether KVM is to run the guest, wherever that is said. */
  static boolean wantsKvm(VmConfig vm, HostFacts host) {
    return vm.acceleratorOn(host) == Accelerator.KVM
        || vm.cpuModel().equals(Optional.of("host")); // which only KVM has
  }

  private void object(String value) {
    OptionText object = OptionText.parse(value, "qom-type");
    String type = object.get("qom-type").orElse("");
    switch (type) {
      case "memory-backend-ram", "memory-backend-memfd", "memory-backend-file" -> {
        object.keep(MEMORY_KEYS);
        add("object", memory(object).toString());
      }
      case "iommufd" -> {
        object.keep(Set.of("qom-type", "id"));
        add("object", object.toString());
      }
      case "iothread" -> add("object", value);
      case "rng-random", "rng-egd", "rng-builtin" ->
          add(
              "object",
              OptionText.of("qom-type", "rng-builtin", "id", object.get("id").orElse(""))
                  .toString());
      default -> leftOut.add("-object " + type);
    }
  }

  /** RAM that is there and not had; much of it is a file, which the migration does not read. */
  private OptionText memory(OptionText object) {
    OptionText ram =
        OptionText.of("qom-type", isMuchRam() ? "memory-backend-file" : "memory-backend-ram");
    for (String key : List.of("id", "size", "align")) {
      object.get(key).ifPresent(text -> ram.put(key, text));
    }
    ram.put("reserve", "off");
    if (isMuchRam()) {
      ram.put("share", "on");
      ram.put("mem-path", Scene.FOLDER + "/ram-" + object.get("id").orElse(""));
    }
    return ram;
  }

  private boolean isMuchRam() {
    return vm.maxRamSize() > (kvm ? MOST_RAM_SENT : MOST_RAM_SENT_WITH_TCG);
  }

  private void vga(String value) {
    boolean isKept = Set.of("none", "std").contains(value);
    add("vga", isKept ? value : "std");
    if (!isKept) {
      changes.add("-vga " + value + " became -vga std");
    }
  }

  private void emptyDisk(String node) {
    if (!node.isEmpty()) {
      add(
          "blockdev",
          OptionText.of(
                  "driver", "null-co", "node-name", node, "size", NO_DISK_SIZE, "read-zeroes", "on")
              .toString());
    }
    emptied.add("disks");
  }

  private void drive(OptionText drive) {
    String place = drive.get("if").orElse("");
    if (place.equals("pflash")) {
      emptied.add("firmware");
    } else if (place.equals("none")) {
      emptyDisk(drive.get("id").orElse(""));
    } else {
      drive.keep(Set.of("if", "index", "bus", "unit", "media", "id"));
      drive.put("driver", "null-co").put("size", NO_DISK_SIZE);
      add("drive", drive.toString());
      emptied.add("disks");
    }
  }

  private void finish(QemuBinary binary) {
    if (!hasMachine) {
      add("machine", vm.isQ35() ? "q35" : "pc");
    }
    if (!isAccelerated) {
      add("accel", kvm && wantsKvm(vm, host) ? "kvm" : "tcg");
    }
    if (!hasCpu) {
      processor(ProofCpu.USUAL_MODEL);
    }
    if (!hasOwnRam) {
      OptionText ram =
          OptionText.of("qom-type", "x", "id", "stopcopy-ram", "size", Long.toString(vm.ramSize()));
      add("object", memory(ram).toString());
      add("machine", "memory-backend=stopcopy-ram");
    }
    if (vm.pflash() && binary.firmware().isPresent()) {
      add("drive", "if=pflash,format=raw,readonly=on,file=" + Scene.FLASH);
    }
    if (!argv.contains("-vga") && argv.contains("-nodefaults")) {
      add("vga", "none");
    }
    add("display", "none");
    if (!argv.contains("-nodefaults")) {
      for (String option : List.of("serial", "parallel", "monitor")) {
        add(option, "null");
      }
    }
  }

  private List<String> told() {
    List<String> all = new ArrayList<>();
    if (!emptied.isEmpty()) {
      all.add("empty instead of what the host has: " + String.join(", ", emptied));
    }
    all.add(
        isMuchRam()
            ? "RAM is reserved, and its pages are not sent"
            : "RAM is reserved only, whatever its back end");
    if (!kvm && wantsKvm(vm, host)) {
      all.add("guests run by TCG, since KVM cannot be used here: what KVM decides is not shown");
    }
    all.addAll(changes);
    if (!leftOut.isEmpty()) {
      all.add("left out: " + String.join(", ", leftOut));
    }
    return all;
  }

  /** Whether a value is one of those that need something of the host. */
  static boolean isOneOf(String value, Collection<String> prefixes) {
    return prefixes.stream().anyMatch(value::startsWith);
  }
}
