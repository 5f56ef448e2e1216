package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A cause that is told once: reasons that differ in nothing but their device and the name in QEMU's
 * text.
 *
 * @param reasons those reasons, at least one, in their order
 */
public record ReasonGroup(List<Reason> reasons) {

  /** Copies the list. */
  public ReasonGroup {
    reasons = List.copyOf(reasons);
  }

  /** What is the same in all reasons of a group. */
  private record Key(
      String code,
      String explanation,
      List<String> rules,
      List<String> assumes,
      List<Remedy> remedies) {}

  /** The groups, in the order of their first reasons. */
  public static List<ReasonGroup> of(List<Reason> reasons) {
    Map<Key, List<Reason>> groups = new LinkedHashMap<>();
    for (Reason reason : reasons) {
      groups
          .computeIfAbsent(
              new Key(
                  reason.code(),
                  reason.explanation(),
                  reason.rules(),
                  reason.assumes(),
                  reason.remedies()),
              key -> new ArrayList<>())
          .add(reason);
    }
    return groups.values().stream().map(ReasonGroup::new).toList();
  }

  /** The first, which says what all have in common. */
  public Reason first() {
    return reasons.get(0);
  }

  /** The names of the devices, as {@code names} tells them; none if it concerns the VM. */
  public List<String> devices(DeviceNames names) {
    return reasons.stream().flatMap(reason -> reason.device().stream()).map(names::of).toList();
  }

  /** What QEMU says, each text once. */
  public List<String> qemuTexts() {
    return reasons.stream()
        .map(Reason::qemuText)
        .filter(text -> !text.isEmpty())
        .distinct()
        .toList();
  }
}
