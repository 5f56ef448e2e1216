package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of devices whose property another release has and this one not, or that only devices
 * with a display can have (R-OBS-168).
 */
final class UnknownSettings {

  private static final Set<String> DISPLAY = Set.of("display", "xres", "yres");

  private final Scenario scenario;
  private final Plugins types;

  UnknownSettings(Scenario scenario, Plugins types) {
    this.scenario = scenario;
    this.types = types;
  }

  /** All of them are left out; nothing if there are none. */
  List<Candidate> leftOut() {
    Set<RemedyChange> changes = new LinkedHashSet<>();
    Set<String> names = new LinkedHashSet<>();
    for (DeviceConfig device : VfioDevices.all(scenario)) {
      Optional<PropertySchema> schema =
          provider(device.driver()).map(type -> type.properties(scenario.profile()));
      if (schema.isEmpty()) {
        continue;
      }
      for (PropertySetting setting : device.settings()) {
        String name = setting.name();
        boolean known = schema.get().definition(name).isPresent();
        boolean foreign = !known && !schema.get().existsIn(name).isEmpty();
        if (foreign || known && DISPLAY.contains(name)) {
          changes.add(new RemedyChange.Unset(target(device), name));
          names.add(name);
        }
      }
    }
    return names.isEmpty()
        ? List.of()
        : List.of(
            Candidate.of(
                "leave out " + String.join(", ", names), List.copyOf(changes), RemedyNeed.RESTART));
  }

  private String target(DeviceConfig device) {
    return types.virtualIommus().find(device.driver()).isPresent()
        ? ViommuCandidates.target(device)
        : TargetDevices.target(device);
  }

  private Optional<DeviceTypeProvider> provider(String driver) {
    return types
        .deviceTypes()
        .find(driver)
        .or(() -> types.virtualIommus().find(driver).map(DeviceTypeProvider.class::cast));
  }
}
