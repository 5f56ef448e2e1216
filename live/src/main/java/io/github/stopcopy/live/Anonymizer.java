package io.github.stopcopy.live;

import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.live.qmp.QmpValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes out of a record what says whose VM it is: names, paths of files, addresses of networks and
 * whatever else is text and decides nothing. What decides stays: types, ids, PCI addresses, sizes,
 * the layout and QEMU's reasons. Static, thread-safe.
 */
public final class Anonymizer {

  /** Texts of these properties and keys are needed. */
  private static final Set<String> KEPT =
      Set.of(
          "type",
          "name",
          "id",
          "host",
          "vendor",
          "parent_bus",
          "iommufd",
          "memdev",
          "memory-backend",
          "failover_pair_id",
          "package",
          "status",
          "enabled",
          "capability",
          "mode",
          "qdev_id",
          "qom-type",
          "qom-path",
          "typename");

  /** Words of QEMU's own, which say nothing of anybody. */
  private static final Pattern OWN_WORD = Pattern.compile("on|off|auto|default|none|yes|no");

  private static final String BLOCKS = "human-readable-text";

  /** The last number of a line. */
  private static final Pattern POINTER = Pattern.compile("0x[0-9a-f]{16}(?=  r[ow](?:\\R|$))");

  private static final String NO_POINTER = "0x0000000000000000";
  private static final String SYSFS = "/sys/bus/pci/devices/";

  private Anonymizer() {}

  /** The record without personal details. */
  public static QmpRecord anonymize(QmpRecord record) {
    Map<QmpCommand, QmpAnswer> answers = new LinkedHashMap<>();
    record.answers().forEach((command, answer) -> answers.put(command, of(command, answer)));
    return QmpRecord.of(record.name(), answers);
  }

  private static QmpAnswer of(QmpCommand command, QmpAnswer answer) {
    if (answer.value().isEmpty()) {
      return answer;
    }
    QmpValue value = answer.value().get();
    QmpValue clean =
        switch (command.name()) {
          case "human-monitor-command", "qom-list" -> value;
          case "x-query-ramblock" -> withoutPointers(value);
          case "device-list-properties" -> withoutDescriptions(value);
          case "qom-get" -> named(command.arguments().text("property").orElse(""), value);
          case "query-migrate" -> migrate(value);
          default -> any(value);
        };
    return new QmpAnswer(Optional.of(clean), answer.error());
  }

  /** The only free texts that are needed are those of the reasons. */
  private static QmpValue migrate(QmpValue value) {
    Map<String, QmpValue> members = new LinkedHashMap<>();
    for (String key : List.of("status", "blocked-reasons")) {
      value.get(key).ifPresent(kept -> members.put(key, kept));
    }
    return QmpValue.of(members);
  }

  /** Where the blocks lie in QEMU's own memory concerns nobody. */
  private static QmpValue withoutPointers(QmpValue blocks) {
    String text = blocks.text(BLOCKS).orElse("");
    return QmpValue.of(Map.of(BLOCKS, QmpValue.of(POINTER.matcher(text).replaceAll(NO_POINTER))));
  }

  /** They say nothing of anybody, but take much room. */
  private static QmpValue withoutDescriptions(QmpValue properties) {
    List<QmpValue> elements = new ArrayList<>();
    for (QmpValue property : properties.elements()) {
      Map<String, QmpValue> members = new LinkedHashMap<>();
      for (String key : List.of("name", "type", "default-value")) {
        property.get(key).ifPresent(value -> members.put(key, value));
      }
      elements.add(QmpValue.of(members));
    }
    return QmpValue.of(elements);
  }

  private static QmpValue any(QmpValue value) {
    if (value.isList()) {
      List<QmpValue> elements = new ArrayList<>();
      value.elements().stream()
          .filter(each -> !isChild(each))
          .forEach(each -> elements.add(any(each)));
      return QmpValue.of(elements);
    }
    if (value.isObject()) {
      boolean isProperty = value.text("name").isPresent() && value.get("value").isPresent();
      Map<String, QmpValue> members = new LinkedHashMap<>();
      for (String key : value.keys()) {
        String name = isProperty && key.equals("value") ? value.text("name").orElse("") : key;
        value.get(key).ifPresent(member -> members.put(key, named(name, member)));
      }
      return QmpValue.of(members);
    }
    return named("", value);
  }

  /** Children of an object, which are many and of no use. */
  private static boolean isChild(QmpValue property) {
    return property.text("type").orElse("").startsWith("child<")
        && property.get("value").isPresent();
  }

  private static QmpValue named(String name, QmpValue value) {
    if (value.text().isEmpty()) {
      return value.isList() || value.isObject() ? any(value) : value;
    }
    String text = value.text().get();
    if (name.equals("sysfsdev") && !text.isEmpty()) {
      return QmpValue.of(SYSFS + LiveDevice.lastName(text));
    }
    return KEPT.contains(name) || OWN_WORD.matcher(text).matches() ? value : QmpValue.of("");
  }
}
