package io.github.stopcopy.live.qmp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A command of QMP. Immutable; two are equal if name and arguments are.
 *
 * @param name e.g. {@code qom-get}
 * @param arguments an object
 */
public record QmpCommand(String name, QmpValue arguments) {

  private static final Set<String> READING =
      Set.of(
          "qom-get",
          "qom-list",
          "qom-list-get",
          "qom-list-types",
          "device-list-properties",
          "x-query-ramblock");

  private static final String MONITOR = "human-monitor-command";
  private static final String MONITOR_LINE = "command-line";

  /** What may be asked of the monitor for people: where everything lies. */
  private static final String MTREE = "info mtree -f";

  /** A command without arguments. */
  public static QmpCommand of(String name) {
    return new QmpCommand(name, QmpValue.NO_KEYS);
  }

  /** The command that asks for the flat views of all address spaces (R-LIVE, B1). */
  public static QmpCommand mtree() {
    return of(MONITOR).with(MONITOR_LINE, MTREE);
  }

  /** The same with one more argument. */
  public QmpCommand with(String key, String text) {
    return with(key, QmpValue.of(text));
  }

  /** The same with one more argument, a list of texts. */
  public QmpCommand with(String key, List<String> texts) {
    return with(key, QmpValue.of(texts.stream().map(QmpValue::of).toList()));
  }

  /** The same with one more argument. */
  public QmpCommand with(String key, QmpValue value) {
    Map<String, QmpValue> all = new LinkedHashMap<>(arguments.members());
    all.put(key, value);
    return new QmpCommand(name, QmpValue.of(all));
  }

  /** Whether it only reads, so that it may be sent to any VM (R-LIVE, B5 L1). */
  public boolean isReadOnly() {
    return name.startsWith("query-") || READING.contains(name) || equals(mtree());
  }

  /** The command as QMP takes it, without an id. */
  QmpValue request() {
    Map<String, QmpValue> request = new LinkedHashMap<>();
    request.put("execute", QmpValue.of(name));
    if (!arguments.keys().isEmpty()) {
      request.put("arguments", arguments);
    }
    return QmpValue.of(request);
  }

  /** The command as QMP takes it, in one line. */
  @Override
  public String toString() {
    return request().toString();
  }
}
