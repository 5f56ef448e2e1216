package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.property.PropertyValues;
import java.util.List;
import java.util.Optional;

/**
 * A property that is refused because only other releases have it.
 *
 * @param name the property
 * @param existsIn the releases that have it, oldest first, at least one
 */
record ForeignProperty(String name, List<QemuProfile> existsIn) {

  /** The first of these settings that nobody would refuse if another release ran the VM. */
  static Optional<ForeignProperty> of(PropertySchema schema, List<PropertySetting> settings) {
    List<PropertySetting> known =
        settings.stream().filter(setting -> schema.definition(setting.name()).isPresent()).toList();
    if (schema.read(known) instanceof Result.Failed<PropertyValues>) {
      return Optional.empty();
    }
    return schema
        .unknownIn(settings)
        .map(name -> new ForeignProperty(name, schema.existsIn(name)))
        .filter(property -> !property.existsIn.isEmpty());
  }

  /** The releases in words that follow "QEMU has it". */
  String releases() {
    QemuProfile first = existsIn.get(0);
    QemuProfile last = existsIn.get(existsIn.size() - 1);
    if (last == QemuProfile.newest()) {
      return "from " + first + " on";
    }
    if (first == last) {
      return "in " + first + " only";
    }
    return first == QemuProfile.V8_1 ? "up to " + last : "from " + first + " up to " + last;
  }
}
