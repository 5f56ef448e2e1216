package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.qemu.mtree.MtreeDump;
import io.github.stopcopy.qemu.mtree.MtreeFlatView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The machine, processors and memory of a running QEMU as the options that would make them. */
final class MachineWords {

  private static final String MACHINE = "/machine";
  private static final String OBJECTS = "/objects";
  private static final String DEFAULT_RAM = "pc.ram";
  private static final String CPU_SUFFIX = "-x86_64-cpu";
  private static final long FOUR_GIB = 1L << 32;

  private final QomReader qom;
  private final MtreeDump layout;
  private final List<String> words = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  MachineWords(QomReader qom, MtreeDump layout) {
    this.qom = qom;
    this.layout = layout;
  }

  /** What was inferred, a line each. */
  List<String> notes() {
    return notes;
  }

  /**
   * The words.
   *
   * @param irqchip where interrupts are made, if a command line says; else it is inferred
   */
  List<String> read(Optional<String> irqchip) throws InputException {
    boolean kvm = isKvm();
    machine(kvm, irqchip);
    memory();
    processors();
    MemoryFacts memory = MemoryFacts.read(qom);
    objects(memory);
    notes.addAll(memory.notes(kvm));
    return words;
  }

  private void machine(boolean kvm, Optional<String> irqchip) throws InputException {
    String type = required(MACHINE, "type").replaceFirst("-machine$", "");
    StringBuilder machine = new StringBuilder(type);
    if (kvm) {
      machine.append(",kernel-irqchip=").append(irqchip.orElseGet(this::inferredIrqchip));
    }
    Optional<String> backend =
        qom.property(MACHINE, "memory-backend").flatMap(QmpValue::text).map(LiveDevice::lastName);
    if (backend.isPresent() && !backend.get().isEmpty() && !backend.get().equals(DEFAULT_RAM)) {
      machine.append(",memory-backend=").append(escaped(backend.get()));
    }
    Optional<Long> low = qom.property(MACHINE, "max-ram-below-4g").flatMap(QmpValue::number);
    if (low.isPresent() && low.get() > 0 && low.get() < FOUR_GIB) {
      machine.append(",max-ram-below-4g=").append(low.get()).append('B');
    }
    if (qom.property(MACHINE, "default-bus-bypass-iommu").flatMap(QmpValue::bool).orElse(false)) {
      machine.append(",default-bus-bypass-iommu=on");
    }
    add("-machine", machine.toString());
    add("-accel", kvm ? "kvm" : "tcg");
    boolean isQ35 = type.contains("q35");
    String bridge = isQ35 ? "q35-pcihost" : "i440FX-pcihost";
    Optional<Long> hole =
        qom.property(isQ35 ? "/machine/q35" : "/machine/i440fx", "pci-hole64-size")
            .flatMap(QmpValue::number);
    if (hole.isPresent()) {
      add("-global", bridge + ".pci-hole64-size=" + Long.toUnsignedString(hole.get()));
    }
  }

  private boolean isKvm() throws InputException {
    Optional<String> enabled =
        qom.askIfKnown(QmpCommand.of("query-accelerators")).flatMap(all -> all.text("enabled"));
    if (enabled.isEmpty()) {
      return qom.ask(QmpCommand.of("query-kvm")).bool("enabled").orElse(false);
    }
    if (!enabled.get().equals("kvm") && !enabled.get().equals("tcg")) {
      throw qom.wrong("the accelerator is " + enabled.get() + ", expected kvm or tcg");
    }
    return enabled.get().equals("kvm");
  }

  /** The property is not readable; who answers at the place of the controllers tells. */
  private String inferredIrqchip() {
    String found = shows("kvm-ioapic") ? "on" : shows("kvm-apic-msi") ? "split" : "off";
    notes.add(
        "kernel-irqchip="
            + found
            + " is inferred from the interrupt controllers in info mtree -f; QEMU does not tell"
            + " it.");
    return found;
  }

  private boolean shows(String region) {
    Optional<MtreeFlatView> memory = layout.viewOf("memory");
    return memory.isPresent()
        && memory.get().rows().stream().anyMatch(row -> row.name().equals(region));
  }

  private void memory() throws InputException {
    QmpValue memory = requiredValue(MACHINE, "memory");
    long size = number(memory, "size");
    long most = memory.number("max-size").orElse(size);
    long slots = memory.number("slots").orElse(0L);
    String hotplug = most == size ? "" : ",slots=" + slots + ",maxmem=" + most + "B";
    add("-m", "size=" + size + "B" + hotplug);
  }

  private void processors() throws InputException {
    QmpValue smp = requiredValue(MACHINE, "smp");
    long most = number(smp, "maxcpus");
    add("-smp", "cpus=" + number(smp, "cpus") + ",maxcpus=" + most);
    ProcessorIds.note(qom.ask(QmpCommand.of("query-hotpluggable-cpus")), most)
        .ifPresent(notes::add);
    List<QmpValue> all = qom.ask(QmpCommand.of("query-cpus-fast")).elements();
    if (all.isEmpty()) {
      throw qom.wrong("query-cpus-fast shows no processor, expected one");
    }
    String path = all.get(0).text("qom-path").orElse("");
    String type = required(path, "type");
    if (!type.endsWith(CPU_SUFFIX)) {
      throw qom.wrong("the processors are " + type + ", expected one of x86_64");
    }
    StringBuilder cpu = new StringBuilder(type.replace(CPU_SUFFIX, ""));
    qom.property(path, "vendor").flatMap(QmpValue::text).ifPresent(v -> cpu.append(",vendor=" + v));
    boolean hasLongMode = qom.property(path, "lm").flatMap(QmpValue::bool).orElse(true);
    cpu.append(hasLongMode ? ",lm=on" : ",lm=off");
    Optional<Long> bits = qom.property(path, "phys-bits").flatMap(QmpValue::number);
    if (bits.isPresent() && bits.get() > 0) {
      cpu.append(",host-phys-bits=off,phys-bits=").append(bits.get());
    }
    add("-cpu", cpu.toString());
  }

  private void objects(MemoryFacts memory) throws InputException {
    for (QomReader.Child child : qom.children(OBJECTS)) {
      if (child.type().equals("iommufd")) {
        add("-object", "iommufd,id=" + escaped(child.name()));
      } else if (child.type().startsWith("memory-backend-") && !child.name().equals(DEFAULT_RAM)) {
        long size =
            memory
                .sizeOf(child.name())
                .orElseThrow(() -> qom.wrong("object " + child.name() + " has no size"));
        add("-object", child.type() + ",id=" + escaped(child.name()) + ",size=" + size + "B");
      }
    }
  }

  private void add(String option, String value) {
    words.add(option);
    words.add(value);
  }

  private static String escaped(String text) {
    return text.replace(",", ",,");
  }

  private String required(String path, String name) throws InputException {
    return requiredValue(path, name)
        .text()
        .orElseThrow(() -> qom.wrong(path + " has no text " + name));
  }

  private QmpValue requiredValue(String path, String name) throws InputException {
    return qom.property(path, name)
        .orElseThrow(
            () -> qom.wrong(path + " has no property " + name + ", expected QEMU for PCs"));
  }

  private long number(QmpValue object, String key) throws InputException {
    return object.number(key).orElseThrow(() -> qom.wrong("a machine without " + key));
  }
}
