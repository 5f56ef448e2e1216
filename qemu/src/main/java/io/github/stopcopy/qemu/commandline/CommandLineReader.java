package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.SizeText;
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

  /** What editors and web pages put in the place of the sign before an option. */
  private static final String DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212";

  private final String source;
  private final ConfigFiles files;
  private final VmConfigBuilder vm = VmConfig.builder();
  private final OptionIds ids = new OptionIds();
  private final DeviceList devices = new DeviceList(ids);
  private final MachineOptions machine = new MachineOptions();
  private final MemoryOptions memory = new MemoryOptions();
  private final SmpOption smp = new SmpOption();
  private final OpenWords open = new OpenWords();
  private final List<String> notes = new ArrayList<>();
  private final List<String> argv = new ArrayList<>();
  private final Map<String, ObjectConfig> objects = new HashMap<>();
  private @Nullable CpuOption cpu;
  private @Nullable String disk;

  CommandLineReader(String source, ConfigFiles files) {
    this.source = source;
    this.files = files;
  }

  VmConfig read(List<Word> words) throws InputException {
    options(words);
    try {
      machine.finish(vm);
      memory.finish(vm, machine, objects);
    } catch (InputException e) {
      throw InputException.at(e.source().isEmpty() ? source : e.source(), e.line(), e.problem());
    }
    if (cpu != null) {
      cpu.addTo(vm);
    }
    devices.inOrder().forEach(vm::device);
    ids.refused().ifPresent(vm::refusedOption);
    return vm.vcpus(smp.vcpus()).build();
  }

  /** What was assumed or read over, each with its place; to be asked for once all is read. */
  List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    all.addAll(open.notes());
    return all;
  }

  /** The words that were read, with those of files in place of {@code -readconfig}. */
  List<String> argv() {
    return argv;
  }

  List<UnknownDevice> unknownDevices() {
    return devices.unknown();
  }

  private void options(List<Word> words) throws InputException {
    int at = 0;
    boolean inText = false;
    while (at < words.size()) {
      Word option = words.get(at++);
      if (OpenText.isOpen(option.text())) {
        open.word(option);
        continue;
      }
      if (!option.isOption()) {
        diskImage(option, inText);
        continue;
      }
      String name = OptionTable.name(option);
      inText = OptionTable.takesValue(name) && !NO_DASHED_VALUE.contains(name);
      Word next = at < words.size() ? words.get(at) : null;
      if (!name.equals("readconfig")) {
        argv.add(option.text());
      }
      if (OptionTable.takesValue(name)) {
        at++;
        withValue(option, name, next);
      } else if (OptionTable.knows(name)) {
        flag(name);
      } else if (next != null && !next.isOption()) {
        at++;
        argv.add(next.text());
        refuseTypingError(option, name, next.text());
        vm.unknownOption(option.text() + " " + OpenText.shown(next.text()));
      } else {
        refuseTypingError(option, name, "");
        vm.unknownOption(option.text());
      }
    }
  }

  /** QEMU refuses options it does not have; one that was to decide the answer must not be lost. */
  private static void refuseTypingError(Word option, String name, String value)
      throws InputException {
    Optional<String> meant = OptionTable.meant(name);
    if (meant.isPresent()
        || !OptionTable.mayBe(name)
        || DeviceNames.isDecisive(name)
        || DeviceNames.isDecisive(value.split(",", 2)[0])) {
      throw InputException.at(
          option.source(),
          option.line(),
          "QEMU has no option "
              + Quote.of(option.text())
              + ", expected "
              + meant.map(known -> "-" + known + " if that is meant").orElse("one that it has"));
    }
  }

  /**
   * QEMU takes one word without an option for a disk; what looks like a device is none.
   *
   * @param inText whether it may belong to the value before it, such as a name with a blank in it
   *     of which {@code ps} shows no quotes
   */
  private void diskImage(Word word, boolean inText) throws InputException {
    String text = word.text();
    String first = text.split(",", 2)[0];
    boolean device = first.indexOf('.') < 0 && first.indexOf('/') < 0;
    boolean settings = device && first.indexOf(':') < 0 && text.indexOf('=', first.length()) > 0;
    boolean noPath = text.isEmpty() || text.equals("-") || JsonOptions.isJson(text);
    boolean dash = !text.isEmpty() && DASHES.indexOf(text.charAt(0)) >= 0;
    if (noPath || dash || settings && !inText || device && DeviceNames.isDecisive(first)) {
      throw InputException.at(
          word.source(),
          word.line(),
          Quote.of(text)
              + " where an option is expected"
              + (dash ? ", which begins with the plain sign -" : ""));
    }
    if (QemuProgram.isProgram(word)) {
      throw InputException.at(
          word.source(),
          word.line(),
          "a second QEMU, " + Quote.of(text.strip()) + ", expected the command line of one");
    }
    if (inText) {
      return;
    }
    if (disk != null) {
      throw InputException.at(
          word.source(),
          word.line(),
          Quote.of(text)
              + " where an option is expected; the one disk that QEMU takes without an option is "
              + Quote.of(disk));
    }
    disk = text;
  }

  private void withValue(Word option, String name, @Nullable Word value) throws InputException {
    if (value == null || NO_DASHED_VALUE.contains(name) && value.isOption()) {
      throw InputException.at(
          option.source(),
          option.line(),
          "option "
              + option.text()
              + " without its value"
              + (value == null ? "" : ", found " + Quote.of(value.text()) + " instead"));
    }
    Word plain = open.value(name, value);
    if (name.equals("readconfig")) {
      readConfig(plain);
      return;
    }
    argv.add(plain.text());
    try {
      option(name, plain);
    } catch (InputException e) {
      throw InputException.at(value.source(), value.line(), "-" + name + ": " + e.problem());
    }
  }

  private void flag(String name) {
    switch (name) {
      case "enable-kvm" -> machine.enableKvm();
      case "only-migratable" -> vm.onlyMigratable(true);
      default -> {
        // an option that means nothing to the model
      }
    }
  }

  private void option(String name, Word value) throws InputException {
    String text = value.text();
    switch (name) {
      case "device" -> devices.device(value);
      case "object" -> object(text);
      case "global" -> global(text);
      case "set" -> devices.set(text);
      case "machine", "M" -> machine.machine(value);
      case "m" -> memory.read(value);
      case "smp" -> smp.read(text);
      case "cpu" -> cpu = CpuOption.read(text);
      case "accel" -> machine.accel(text);
      case "incoming" -> vm.incoming(true);
      case "pflash" -> vm.pflash(true);
      case "drive" -> drive(text);
      default -> {
        // an option that means nothing to the model
      }
    }
  }

  /** The options of the file count as if they stood here. */
  private void readConfig(Word path) throws InputException {
    Optional<ConfigFiles.ConfigFile> file = files.find(path.text());
    if (file.isPresent()) {
      options(ReadConfig.words(file.get().source(), file.get().text()));
      return;
    }
    List<Word> known = ReadConfig.ofProxmox(path);
    if (known.isEmpty()) {
      throw InputException.at(
          path.source(),
          path.line(),
          "-readconfig: "
              + Quote.of(path.text())
              + " is not at hand, and its devices can decide the answer; expected it beside this"
              + " file or given with --readconfig FILE");
    }
    notes.add(
        InputException.at(
                path.source(),
                path.line(),
                "-readconfig: " + path.baseName() + " is taken as Proxmox VE comes with it")
            .getMessage());
    options(known);
  }

  private void object(String text) throws InputException {
    ObjectConfig object = DeviceOptions.object(text);
    boolean json = JsonOptions.isJson(text);
    MemoryBackends.refused(object, json ? "" : "-object " + text + ": ").ifPresent(ids::refuse);
    if (ids.object(object.id(), json)) {
      objects.put(object.id(), object);
      vm.object(object);
    }
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

  private void drive(String text) throws InputException {
    for (KeyValue part : KeyValue.parse(text, "file")) {
      if (part.name().equals("if") && part.value().equals("pflash")) {
        vm.pflash(true);
      }
    }
  }
}
