package io.github.stopcopy.live.host;

import io.github.stopcopy.json.HostDocument;
import io.github.stopcopy.json.HostDocument.Note;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what is found; what is found later of the same fact takes its place. */
final class Findings {

  static final String SYSFS = "sysfs";
  static final String DEBUGFS = "debugfs";
  static final String PROCFS = "procfs";
  static final String KERNEL = "kernel";
  static final String DRIVER_TABLE = "driver table";
  static final String DEFAULT = "default";
  static final String PROBE = "probe";

  private final Map<Key, Finding> all = new LinkedHashMap<>();
  private final List<Note> notes = new ArrayList<>();

  private record Key(String subject, String fact) {}

  private void put(Finding finding) {
    all.put(new Key(finding.subject(), finding.fact()), finding);
  }

  void known(String subject, String fact, String value, String origin, String source) {
    put(new Finding(subject, fact, Certainty.KNOWN, value, origin, source, ""));
  }

  void assumed(
      String subject, String fact, String value, String origin, String source, String better) {
    put(new Finding(subject, fact, Certainty.ASSUMED, value, origin, source, better));
  }

  void unknown(String subject, String fact, String source, String better) {
    put(new Finding(subject, fact, Certainty.UNKNOWN, "", "", source, better));
  }

  /** Says of facts of the IOMMU that they are what the least of several can do. */
  void leastOfSeveral(Set<String> facts) {
    for (String fact : facts) {
      all.computeIfPresent(
          new Key(HostDocument.CONTAINERS, fact),
          (key, found) ->
              found.certainty() == Certainty.UNKNOWN
                  ? found
                  : new Finding(
                      found.subject(),
                      found.fact(),
                      found.certainty(),
                      found.value(),
                      HostDocument.LEAST_OF_SEVERAL,
                      found.source(),
                      found.better()));
    }
  }

  /** Whether that is so of a fact that no probe has told since. */
  boolean isAnyLeastOfSeveral() {
    return all.values().stream()
        .anyMatch(finding -> finding.origin().equals(HostDocument.LEAST_OF_SEVERAL));
  }

  void note(String subject, String text) {
    notes.add(new Note(subject, text));
  }

  /** In the order in which the facts were first looked for. */
  List<Finding> all() {
    return List.copyOf(all.values());
  }

  List<Note> notes() {
    return notes;
  }
}
