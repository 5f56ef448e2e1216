package io.github.stopcopy.standin;

import io.github.stopcopy.live.qmp.QmpValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of QEMU in one step, as it came: lines of standard error, events of the stand-in,
 * lines of QEMU's trace, answers. {@link #answer} makes of it what {@code stopcopy run} answers.
 * Not thread-safe.
 */
final class StepRecord {

  private static final Pattern SECTION =
      Pattern.compile(
          "vfio_listener_region_add_iommu .*?(0x[0-9a-f]+)[^0-9a-z]+(0x[0-9a-f]+)\\s*$");

  private static final List<String> START = List.of("dev", "page_size", "ranges", "errno");
  private static final List<String> STATE = List.of("dev", "from", "to", "errno");
  private static final Set<String> QUERIED = Set.of("snapshot", "device-add", "device-del");

  private final String step;
  private final List<String> messages = new ArrayList<>();
  private final List<QmpValue> events = new ArrayList<>();
  private final List<String> traces = new ArrayList<>();
  private @Nullable String commandError;
  private @Nullable QmpValue query;
  private @Nullable QmpValue dmaMap;
  private @Nullable Integer exitCode;

  StepRecord(String step) {
    this.step = step;
  }

  void add(List<String> stderr, List<QmpValue> seen, List<String> trace) {
    messages.addAll(stderr);
    events.addAll(seen);
    traces.addAll(trace);
  }

  void commandError(Optional<String> error) {
    commandError = error.orElse(null);
  }

  void query(QmpValue answer) {
    query = answer;
  }

  void dmaMap(QmpValue maps) {
    dmaMap = maps;
  }

  void exitCode(int code) {
    exitCode = code;
  }

  /** Whether the step's command was refused. */
  boolean isRefused() {
    return commandError != null;
  }

  /** Where the migration stands; empty if it was not asked. */
  Optional<String> status() {
    return Optional.ofNullable(query).map(answer -> answer.text("status").orElse("none"));
  }

  /** Whether it starts a migration. */
  boolean isMigrate() {
    return step.equals("migrate");
  }

  /** Whether it waits for a migration to end. */
  boolean endsMigration() {
    return step.equals("finish-migration") || step.equals("migrate-cancel");
  }

  /** Whether QEMU is asked about its migration afterwards. */
  boolean isFollowedByQuery() {
    return isMigrate() || endsMigration() || QUERIED.contains(step);
  }

  /** Whether a container was given something to map, which QEMU's trace then tells too. */
  boolean mapsAnything() {
    return events.stream().anyMatch(event -> event.text("ev").orElse("").equals("map_dma"));
  }

  boolean hasTrace() {
    return !traces.isEmpty();
  }

  /** The last lines that were printed, without what they mean. */
  List<String> messages() {
    return List.copyOf(messages);
  }

  /**
   * The answer.
   *
   * @param argv the words QEMU was started with
   * @param folder the folder of the run
   */
  QmpValue answer(List<String> argv, String folder) {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    all.put("do", QmpValue.of(step));
    if (exitCode != null) {
      all.put("exit-code", QmpValue.of((long) exitCode));
    }
    QemuMessages sorted = new QemuMessages(messages, argv, folder);
    putTexts(all, "errors", sorted.errors());
    putTexts(all, "warnings", sorted.warnings());
    if (commandError != null) {
      all.put("command-error", QmpValue.of(commandError.replace(folder, Scene.FOLDER)));
    }
    put(all, "dma-logging-start", renamed("dma_logging_start", START));
    put(all, "container-dirty", containerDirty());
    if (!step.equals("boot")) {
      put(all, "device-states", renamed("mig_state", STATE));
    }
    if (exitCode == null) {
      put(all, "iommu-sections", sections());
    }
    if (query != null) {
      all.put("status", QmpValue.of(status().orElse("none")));
      query.get("error-desc").ifPresent(text -> all.put("error-desc", text));
      put(all, "blocked-reasons", query.list("blocked-reasons"));
    }
    if (dmaMap != null) {
      all.put("dma-map", dmaMap);
    }
    return QmpValue.of(all);
  }

  private static void put(Map<String, QmpValue> all, String key, List<QmpValue> values) {
    if (!values.isEmpty()) {
      all.put(key, QmpValue.of(values));
    }
  }

  private static void putTexts(Map<String, QmpValue> all, String key, List<String> texts) {
    put(all, key, texts.stream().map(QmpValue::of).toList());
  }

  private List<QmpValue> of(String kind) {
    return events.stream().filter(event -> event.text("ev").orElse("").equals(kind)).toList();
  }

  /** Events of a kind with the keys that answers have for those of the stand-in. */
  private List<QmpValue> renamed(String kind, List<String> keys) {
    List<QmpValue> all = new ArrayList<>();
    for (QmpValue event : of(kind)) {
      Map<String, QmpValue> answer = new LinkedHashMap<>();
      for (String key : keys) {
        event.get(key).ifPresent(value -> answer.put(answerKey(key), value));
      }
      all.add(QmpValue.of(answer));
    }
    return all;
  }

  private static String answerKey(String key) {
    return key.equals("dev") ? "device" : key.replace('_', '-');
  }

  private List<QmpValue> containerDirty() {
    List<QmpValue> all = new ArrayList<>();
    for (QmpValue event : of("container_dirty")) {
      event.get("op").filter(op -> !op.equals(QmpValue.of("get"))).ifPresent(all::add);
    }
    return all;
  }

  /**
   * QEMU's trace tells that a section is about to be added; where QEMU ends over it, it was not.
   */
  private List<QmpValue> sections() {
    List<QmpValue> all = new ArrayList<>();
    for (String line : traces) {
      Matcher section = SECTION.matcher(line);
      if (section.find()) {
        all.add(QmpValue.of(List.of(QmpValue.of(section.group(1)), QmpValue.of(section.group(2)))));
      }
    }
    return all;
  }
}
