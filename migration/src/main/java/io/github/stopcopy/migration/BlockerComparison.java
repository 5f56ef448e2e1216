package io.github.stopcopy.migration;

import io.github.stopcopy.migration.scenario.StepAnswer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * What the model says blocks a migration beside what a running QEMU says (R-LIVE, B5 L6). They
 * agree if they are the same texts, in whatever order: that of creation is not always known.
 *
 * @param predicted the model's blockers, oldest first; if the model's QEMU does not even start, why
 *     not
 * @param actual those of QEMU's {@code blocked-reasons} of which the model speaks, oldest first
 * @param others the other reasons of QEMU, which have to do with neither VFIO nor a vIOMMU
 */
public record BlockerComparison(List<String> predicted, List<String> actual, List<String> others) {

  private static final String NOT_STARTED = "QEMU does not start: ";

  /** Copies the lists. */
  public BlockerComparison {
    predicted = List.copyOf(predicted);
    actual = List.copyOf(actual);
    others = List.copyOf(others);
  }

  /**
   * Compares.
   *
   * @param verdict the decision about the VM that runs there
   * @param blockedReasons what QEMU says, oldest first
   * @param devices the names of the VM's VFIO devices
   */
  public static BlockerComparison of(
      Verdict verdict, List<String> blockedReasons, Collection<String> devices) {
    List<String> actual = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String reason : blockedReasons) {
      (isModelled(reason, devices) ? actual : others).add(reason);
    }
    return new BlockerComparison(predicted(verdict), actual, others);
  }

  private static boolean isModelled(String reason, Collection<String> devices) {
    String lower = reason.toLowerCase(Locale.ROOT);
    return lower.contains("vfio")
        || lower.contains("iommu")
        || devices.stream().anyMatch(name -> reason.startsWith(name + ": "));
  }

  private static List<String> predicted(Verdict verdict) {
    List<String> blockers = new ArrayList<>();
    for (StepAnswer answer : verdict.steps()) {
      if (answer.exitCode().isPresent()) {
        List<String> why = answer.errors();
        return List.of(NOT_STARTED + (why.isEmpty() ? "" : why.get(why.size() - 1)));
      }
      if (answer.query().isPresent()) {
        blockers = answer.query().get().blockedReasons();
      }
    }
    return blockers;
  }

  /** Whether the model and QEMU say the same. */
  public boolean agrees() {
    return predicted.stream().sorted().toList().equals(actual.stream().sorted().toList());
  }
}
