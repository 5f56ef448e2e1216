package io.github.stopcopy.standin;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A scenario as it can be played on a QEMU here: its VFIO devices are those of the stand-in, files
 * lie in the run's own folder, and the guest is run by what there is.
 *
 * @param json the scenario as JSON, with the words of {@code argv}
 * @param scenario the same, read
 * @param argv the words QEMU is started with, {@link #FOLDER} for the run's folder
 * @param devices the host's devices in the order in which they are realized
 */
record Scene(QmpValue json, Scenario scenario, List<String> argv, List<String> devices) {

  /** Stands for the run's folder, as in recorded vectors. */
  static final String FOLDER = "@DIR@";

  /** Flash with the firmware of the binary, for a VM whose own is not here. */
  static final String FLASH = FOLDER + "/flash.img";

  private static final int PAGE_SIZE = 4096;
  private static final Pattern HOST_DEVICE =
      Pattern.compile("(?<=[,\"{ ])(?:host|sysfsdev)(\"?\\s*[:=]\\s*\"?)([^,\"}]+)");
  private static final Pattern MEMORY_FILE = Pattern.compile("(?<=,)mem-path=[^,]*");
  private static final Pattern OBJECT_ID = Pattern.compile(",id=([A-Za-z0-9_.-]+)");
  private static final Pattern FLASH_FILE = Pattern.compile("(?<=,)file=[^,]*");
  private static final Pattern MACHINE_ACCELERATOR = Pattern.compile("(?<=,)accel=kvm(?=,|$)");
  private static final Pattern INTEL = Pattern.compile("intel-iommu");

  /**
   * Prepares a scenario.
   *
   * @param json the scenario as JSON
   * @param scenario the same, read
   * @param kvm whether KVM can be used
   * @param vendor what the guest's processor calls itself where the words do not say; empty: as the
   *     binary has it
   * @throws InputException if something in it cannot be played on a real QEMU
   */
  static Scene of(QmpValue json, Scenario scenario, boolean kvm, Optional<String> vendor)
      throws InputException {
    refuseUnplayable(scenario);
    List<String> argv = new ArrayList<>();
    boolean isAccelerated = false;
    boolean hasCpu = false;
    String option = "";
    for (QmpValue element : json.list("argv")) {
      String word = element.text().orElse("");
      switch (option) {
        case "-device" -> word = standIn(word);
        case "-object" -> word = MEMORY_FILE.matcher(word).replaceAll(own(word));
        case "-drive" -> word = flash(word);
        case "-cpu" -> {
          hasCpu = true;
          word += word.contains("vendor=") ? "" : vendor.map(name -> ",vendor=" + name).orElse("");
        }
        case "-accel" -> word = kvm ? word : word.replaceFirst("^kvm.*", "tcg");
        case "-machine", "-M" -> {
          isAccelerated |= word.contains("accel=");
          word = kvm ? word : MACHINE_ACCELERATOR.matcher(word).replaceAll("accel=tcg");
        }
        default -> {}
      }
      if (word.equals("-daemonize")) {
        throw InputException.of("argv: -daemonize cannot be played, expected it without");
      } else if (word.equals("-enable-kvm")) {
        argv.add("-accel");
        word = kvm ? "kvm" : "tcg";
        isAccelerated = true;
      }
      isAccelerated |= word.equals("-accel");
      argv.add(word);
      option = word;
    }
    if (!hasCpu && vendor.isPresent()) {
      argv.addAll(List.of("-cpu", "qemu64,vendor=" + vendor.get()));
    }
    if (!isAccelerated) {
      boolean wanted = scenario.host().accelerator().equals(Optional.of(Accelerator.KVM));
      argv.add("-accel");
      argv.add(wanted && kvm ? "kvm" : "tcg");
    }
    return new Scene(json, scenario, argv, names(scenario));
  }

  /** Refuses steps and facts that no real QEMU can be walked through here. */
  static void refuseUnplayable(Scenario scenario) throws InputException {
    if (scenario.host().pageSize() != PAGE_SIZE) {
      throw InputException.of(
          "host.page-size is " + scenario.host().pageSize() + ", expected that of this host, 4096");
    }
    if (names(scenario).size() > StandinConfig.MOST_DEVICES) {
      throw InputException.of(
          "more than " + StandinConfig.MOST_DEVICES + " VFIO devices, which the stand-in has not");
    }
    boolean isIntel =
        scenario.vm().devices().stream()
            .anyMatch(device -> INTEL.matcher(device.driver()).matches());
    for (int i = 0; i < scenario.steps().size(); i++) {
      Step step = scenario.steps().get(i);
      boolean isPlayable =
          !(step instanceof Step.AcceptStandby
              || step instanceof Step.DmaWrite
              || step instanceof Step.Sync
              || step instanceof Step.MoveBar);
      if (step instanceof Step.Viommu viommu) {
        isPlayable = isIntel && viommu.domain().isEmpty();
      }
      if (!isPlayable) {
        throw InputException.of(
            "step "
                + (i + 1)
                + ": "
                + step.name()
                + " needs guest software that is not here, expected the Intel vIOMMU's tables,"
                + " plugging and migrating");
      }
    }
  }

  /** A VFIO device is the stand-in's, whatever is here: no real one is ever touched. */
  static String standIn(String device) {
    if (!device.contains("vfio-pci")) {
      return device;
    }
    return HOST_DEVICE
        .matcher(device)
        .replaceAll(
            match -> "sysfsdev" + match.group(1) + FOLDER + "/sys/" + deviceName(match.group(2)));
  }

  private static String own(String object) {
    Matcher id = OBJECT_ID.matcher(object);
    return "mem-path=" + FOLDER + "/ram-" + (id.find() ? id.group(1) : "");
  }

  private static String flash(String drive) {
    return drive.contains("if=pflash")
        ? FLASH_FILE.matcher(drive).replaceAll("file=" + FLASH)
        : drive;
  }

  /** The devices in the order of the command line, then as they are plugged, each once. */
  static List<String> names(Scenario scenario) {
    List<DeviceConfig> all = new ArrayList<>(scenario.vm().devices());
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add) {
        all.add(add.device());
      }
    }
    List<String> names = new ArrayList<>();
    for (DeviceConfig device : all) {
      hostName(device).filter(name -> !names.contains(name)).ifPresent(names::add);
    }
    return names;
  }

  /** The name of the host's device; empty if it is no VFIO device. */
  static Optional<String> hostName(DeviceConfig device) {
    return device.driver().startsWith("vfio-pci")
        ? device.setting("sysfsdev").or(() -> device.setting("host")).map(Scene::deviceName)
        : Optional.empty();
  }

  /** The name of the host's device by its address or its path in sysfs. */
  static String deviceName(String path) {
    String last = path.substring(path.lastIndexOf('/') + 1);
    return last.matches("[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]") ? "0000:" + last : last;
  }

  /** Whether the guest does something to a vIOMMU. */
  boolean programsViommu() {
    return scenario.steps().stream().anyMatch(Step.Viommu.class::isInstance);
  }

  /** The id of a VFIO device that a step names by id or by the host's name. */
  String idOf(String name) {
    List<DeviceConfig> all = new ArrayList<>(scenario.vm().devices());
    for (Step step : scenario.steps()) {
      if (step instanceof Step.DeviceAdd add) {
        all.add(add.device());
      }
    }
    return all.stream()
        .filter(device -> hostName(device).equals(Optional.of(name)))
        .flatMap(device -> device.id().stream())
        .findFirst()
        .orElse(name);
  }

  /** Whether RAM is a shared file, which a migration then leaves out as it was recorded. */
  boolean hasSharedFile() {
    return argv.stream()
        .anyMatch(word -> word.startsWith("memory-backend-file") && word.contains("share=on"));
  }

  /** The arguments of a plugged device as QMP takes them. */
  static QmpValue arguments(DeviceConfig device) {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    all.put("driver", QmpValue.of(device.driver()));
    device.id().ifPresent(id -> all.put("id", QmpValue.of(id)));
    device.bus().ifPresent(bus -> all.put("bus", QmpValue.of(bus)));
    for (PropertySetting setting : device.settings()) {
      PropertyInput value = setting.value();
      if (value instanceof PropertyInput.TypedBoolean bool) {
        all.put(setting.name(), QmpValue.of(bool.value()));
      } else if (value instanceof PropertyInput.TypedNumber number) {
        all.put(setting.name(), QmpValue.of(number.value()));
      } else {
        all.put(setting.name(), QmpValue.of(value.asText().text()));
      }
    }
    return QmpValue.of(all);
  }

  /**
   * The scenario as it was played, to be read by the model.
   *
   * @param profile the release
   * @param mtree where everything lay once the firmware had finished
   * @param released what became of the steps that unplug, by their index
   */
  QmpValue played(String profile, Optional<String> mtree, Map<Integer, Boolean> released) {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    for (String key : json.keys()) {
      json.get(key).ifPresent(value -> all.put(key, value));
    }
    all.put("profile", QmpValue.of(profile));
    all.put("argv", QmpValue.of(argv.stream().map(QmpValue::of).toList()));
    mtree.ifPresent(text -> all.put("mtree", QmpValue.of(text)));
    List<QmpValue> steps = new ArrayList<>(json.list("steps"));
    int implied = scenario.steps().size() - steps.size();
    released.forEach((index, isReleased) -> {
      Map<String, QmpValue> step = new LinkedHashMap<>();
      QmpValue before = steps.get(index - implied);
      before.keys().forEach(key -> before.get(key).ifPresent(value -> step.put(key, value)));
      step.put("released", QmpValue.of(isReleased));
      steps.set(index - implied, QmpValue.of(step));
    });
    if (implied > 0) {
      steps.add(0, QmpValue.of(Map.of("do", QmpValue.of("boot"))));
    }
    all.put("steps", QmpValue.of(steps));
    return QmpValue.of(all);
  }
}
