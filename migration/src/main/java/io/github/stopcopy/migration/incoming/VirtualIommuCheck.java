package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.reason.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares the vIOMMUs of both sides. What the source has must be there, of the same type and in
 * the same place, to take its state; how it is configured QEMU does not check, nor whether the
 * destination has one that the source has not (R-OBS-116; tried on 11.1.3).
 */
final class VirtualIommuCheck {

  private static final String INTEL = "intel-iommu";
  private static final String NONE = "no vIOMMU";

  private final Set<String> types;

  VirtualIommuCheck(Collection<String> types) {
    this.types = Set.copyOf(types);
  }

  Optional<Obstacle> compare(VmConfig source, VmConfig destination, LoadTexts texts) {
    Optional<DeviceConfig> sent = find(source);
    Optional<DeviceConfig> there = find(destination);
    if (sent.isEmpty()) {
      return there.map(found -> differs("the source has none, the destination " + found.driver()));
    }
    DeviceConfig viommu = sent.get();
    if (there.isEmpty() || !section(there.get()).equals(section(viommu))) {
      String text = viommu.driver().equals(INTEL) ? texts.unknownSection("iommu-intel") : "";
      return Optional.of(
          new Obstacle(
              LoadOutcome.VM_LOST,
              Cause.DESTINATION_VIOMMU_MISSING.finding(
                  text, viommu.driver(), there.map(this::told).orElse(NONE)),
              Optional.empty()));
    }
    String difference = difference(settings(viommu), settings(there.get()));
    return difference.isEmpty() ? Optional.empty() : Optional.of(differs(difference));
  }

  private Optional<DeviceConfig> find(VmConfig vm) {
    return vm.devices().stream().filter(device -> types.contains(device.driver())).findFirst();
  }

  /** By what its state finds it: Intel's is there once, others by their place. */
  private static String section(DeviceConfig viommu) {
    return viommu.driver().equals(INTEL) ? INTEL : viommu.driver() + " " + place(viommu);
  }

  private static String place(DeviceConfig viommu) {
    return viommu.bus().orElse("the first bus") + " " + viommu.setting("addr").orElse("anywhere");
  }

  private String told(DeviceConfig viommu) {
    return viommu.driver().equals(INTEL) ? INTEL : viommu.driver() + " at " + place(viommu);
  }

  private static Map<String, String> settings(DeviceConfig viommu) {
    Map<String, String> all = new LinkedHashMap<>();
    for (PropertySetting setting : viommu.settings()) {
      all.put(setting.name(), setting.value().asText().text());
    }
    all.remove("addr");
    return all;
  }

  private static String difference(Map<String, String> source, Map<String, String> destination) {
    List<String> all = new ArrayList<>();
    Set<String> names = new TreeSet<>(source.keySet());
    names.addAll(destination.keySet());
    for (String name : names) {
      String here = source.getOrDefault(name, "not set");
      String there = destination.getOrDefault(name, "not set");
      if (!here.equals(there)) {
        all.add(name + " is " + here + " on the source and " + there + " there");
      }
    }
    return String.join(", ", all);
  }

  private static Obstacle differs(String difference) {
    return new Obstacle(
        LoadOutcome.LOADED,
        Cause.DESTINATION_VIOMMU_DIFFERS.finding("", difference),
        Optional.empty());
  }
}
