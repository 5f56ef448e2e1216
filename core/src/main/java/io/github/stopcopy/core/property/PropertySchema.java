package io.github.stopcopy.core.property;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The properties of a device type in one release. Immutable, thread-safe. */
public final class PropertySchema {

  private final String device;
  private final ImmutableMap<String, PropertyDefinition> definitions;
  private final List<PropertyDefinition> ofAllReleases;
  private final Function<String, ? extends RuntimeException> fault;

  /**
   * A schema that holds whatever the release.
   *
   * @param device the device type as in {@code -device}, for messages
   * @param definitions the properties, each name once
   */
  public PropertySchema(String device, List<PropertyDefinition> definitions) {
    this(device, definitions, definitions, IllegalArgumentException::new);
  }

  private PropertySchema(
      String device,
      Collection<PropertyDefinition> definitions,
      List<PropertyDefinition> ofAllReleases,
      Function<String, ? extends RuntimeException> fault) {
    this.device = device;
    this.fault = fault;
    ImmutableMap.Builder<String, PropertyDefinition> byName = ImmutableMap.builder();
    definitions.forEach(definition -> byName.put(definition.name(), definition));
    this.definitions = byName.buildOrThrow();
    this.ofAllReleases = List.copyOf(ofAllReleases);
  }

  /**
   * The schema of one release.
   *
   * @param device the device type as in {@code -device}, for messages
   * @param profile the release
   * @param table the properties of all releases; in each of them a name at most once
   */
  public static PropertySchema of(
      String device, QemuProfile profile, List<PropertyDefinition> table) {
    return new PropertySchema(
        device,
        table.stream().filter(row -> row.existsIn(profile)).toList(),
        table,
        IllegalArgumentException::new);
  }

  /**
   * The schemas of all releases, for device types that are asked for one again and again.
   *
   * @param device the device type as in {@code -device}, for messages
   * @param table as {@link #of} takes it
   */
  public static Map<QemuProfile, PropertySchema> byRelease(
      String device, List<PropertyDefinition> table) {
    Map<QemuProfile, PropertySchema> schemas = new EnumMap<>(QemuProfile.class);
    for (QemuProfile profile : QemuProfile.values()) {
      schemas.put(profile, of(device, profile, table));
    }
    return Collections.unmodifiableMap(schemas);
  }

  /**
   * The same schema by somebody else, who is to blame if its values are asked for a property that
   * it lacks or that has another type there.
   *
   * @param fault makes of what is wrong, one line, what is thrown then
   */
  public PropertySchema blaming(Function<String, ? extends RuntimeException> fault) {
    return new PropertySchema(device, definitions.values(), ofAllReleases, fault);
  }

  /** What is thrown of values that cannot be had. */
  RuntimeException fault(String wrong) {
    return fault.apply(wrong);
  }

  /** The device type. */
  public String device() {
    return device;
  }

  @Nullable PropertyDefinition find(String name) {
    return definitions.get(name);
  }

  /** The property with this name. */
  public Optional<PropertyDefinition> definition(String name) {
    return Optional.ofNullable(definitions.get(name));
  }

  /** The releases in which a property exists, oldest first; none if nobody has heard of it. */
  public List<QemuProfile> existsIn(String name) {
    List<QemuProfile> releases = new ArrayList<>();
    for (QemuProfile profile : QemuProfile.values()) {
      if (ofAllReleases.stream()
          .anyMatch(row -> row.name().equals(name) && row.existsIn(profile))) {
        releases.add(profile);
      }
    }
    return releases;
  }

  /** The first setting whose property this release does not have. */
  public Optional<String> unknownIn(List<PropertySetting> settings) {
    return settings.stream()
        .map(PropertySetting::name)
        .filter(name -> !definitions.containsKey(name))
        .findFirst();
  }

  /** All properties in the order of the schema. */
  public Collection<PropertyDefinition> definitions() {
    return definitions.values();
  }

  /**
   * Reads settings. The last of several settings of one name counts; the first setting that is
   * wrong is reported, in the order given (QEMU's order is unspecified, R-PROP-11).
   */
  public Result<PropertyValues> read(List<PropertySetting> settings) {
    Map<String, Object> given = new HashMap<>(4);
    for (PropertySetting setting : settings) {
      PropertyDefinition definition = definitions.get(setting.name());
      if (definition == null
          || given.containsKey(setting.name())
          || !(definition.type().read(device, setting.name(), setting.value())
              instanceof Result.Ok<Object> value)) {
        return readLast(settings); // it counts which of several of one name is the last
      }
      given.put(setting.name(), value.value());
    }
    return Result.ok(new PropertyValues(this, given));
  }

  private Result<PropertyValues> readLast(List<PropertySetting> settings) {
    Map<String, PropertySetting> last = new LinkedHashMap<>();
    settings.forEach(setting -> last.put(setting.name(), setting));
    Map<String, Object> given = new HashMap<>();
    for (PropertySetting setting : last.values()) {
      String name = setting.name();
      PropertyDefinition definition = definitions.get(name);
      if (definition == null) {
        return Result.failed(QemuError.of("Property '" + device + "." + name + "' not found"));
      }
      Result<Object> value = definition.type().read(device, name, setting.value());
      if (value instanceof Result.Failed<Object> failed) {
        return Result.failed(failed.error());
      }
      given.put(name, ((Result.Ok<Object>) value).value());
    }
    return Result.ok(new PropertyValues(this, given));
  }
}
