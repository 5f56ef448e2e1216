package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpSource;
import io.github.stopcopy.live.qmp.QmpValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a QEMU, and reads its tree of objects. */
final class QomReader {

  private static final String CHILD = "child<";
  private static final int MOST_MEMBERS = 4096;

  private final QmpSource source;

  /** Whether all properties can be had at once, which QEMU knows from 10.1 on; empty: not tried. */
  private Optional<Boolean> listsValues = Optional.empty();

  QomReader(QmpSource source) {
    this.source = source;
  }

  /**
   * A child of an object.
   *
   * @param name its name there
   * @param type its type
   */
  record Child(String name, String type) {}

  /** What QEMU returns; an error of its own is one of the input. */
  QmpValue ask(QmpCommand command) throws InputException {
    QmpAnswer answer = source.ask(command);
    return answer
        .value()
        .orElseThrow(() ->
            wrong(
                command.name()
                    + " is answered with an error, expected a value: "
                    + answer.error().orElse("")));
  }

  /** What QEMU returns; empty if it knows no such thing. */
  Optional<QmpValue> askIfKnown(QmpCommand command) throws InputException {
    return source.ask(command).value();
  }

  /** A property of an object; empty if it has none of that name. */
  Optional<QmpValue> property(String path, String name) throws InputException {
    return askIfKnown(QmpCommand.of("qom-get").with("path", path).with("property", name));
  }

  /** The children of an object, in no order. */
  List<Child> children(String path) throws InputException {
    List<Child> children = new ArrayList<>();
    for (QmpValue each : ask(list(path)).elements()) {
      String type = each.text("type").orElse("");
      if (type.startsWith(CHILD)) {
        children.add(
            new Child(
                each.text("name").orElse(""), type.substring(CHILD.length(), type.length() - 1)));
      }
    }
    if (children.size() > MOST_MEMBERS) {
      throw wrong(path + " has more than " + MOST_MEMBERS + " children");
    }
    return children;
  }

  /** The properties of an object that can be read and are no children. */
  Map<String, QmpValue> properties(String path) throws InputException {
    if (listsValues.orElse(true)) {
      Optional<QmpValue> all =
          askIfKnown(QmpCommand.of("qom-list-get").with("paths", List.of(path)));
      listsValues = Optional.of(all.isPresent());
      if (all.isPresent()) {
        return values(all.get());
      }
    }
    Map<String, QmpValue> values = new LinkedHashMap<>();
    List<QmpValue> members = ask(list(path)).elements();
    if (members.size() > MOST_MEMBERS) {
      throw wrong(path + " has more than " + MOST_MEMBERS + " properties");
    }
    for (QmpValue each : members) {
      Optional<String> name = each.text("name");
      if (name.isPresent() && !each.text("type").orElse("").startsWith(CHILD)) {
        property(path, name.get()).ifPresent(value -> values.put(name.get(), value));
      }
    }
    return values;
  }

  private static Map<String, QmpValue> values(QmpValue objects) {
    Map<String, QmpValue> values = new LinkedHashMap<>();
    for (QmpValue object : objects.elements()) {
      for (QmpValue each : object.list("properties")) {
        Optional<String> name = each.text("name");
        Optional<QmpValue> value = each.get("value");
        if (name.isPresent()
            && value.isPresent()
            && !each.text("type").orElse("").startsWith(CHILD)) {
          values.put(name.get(), value.get());
        }
      }
    }
    return values;
  }

  /** What is wrong with an answer. */
  InputException wrong(String problem) {
    return InputException.at(source.name(), 0, problem);
  }

  private static QmpCommand list(String path) {
    return QmpCommand.of("qom-list").with("path", path);
  }
}
