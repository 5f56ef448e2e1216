package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.destination.LoadedDevice;
import io.github.stopcopy.migration.destination.Loading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What becomes of a VM at its destination, for people. */
public final class DestinationLines {

  private DestinationLines() {}

  /** Half a sentence about what becomes of the VM. */
  static String meaning(LoadOutcome outcome) {
    return switch (outcome) {
      case SOURCE_RUNS_ON ->
          "the destination cannot load what the source sends, and the source runs on";
      case VM_LOST -> "THE VM CAN BE LOST: the source completes and the destination cannot load it";
      case DEVICE_STATE_LOST -> "A DEVICE LOSES ITS STATE: the destination loads it and resets it";
      case LOADED -> "the destination loads what the source sends";
    };
  }

  /**
   * Writes what becomes of the VM, and a line for each device.
   *
   * @param withId gives the name of a device of the source as people know it
   */
  static void write(StringBuilder text, Loading loading, UnaryOperator<String> withId) {
    text.append("\nOn the destination (QEMU ").append(loading.profile()).append(")\n");
    of(loading, withId)
        .forEach(line -> text.append("  ").append(VisibleText.of(line)).append('\n'));
  }

  /** The lines of that, without heading and indent. */
  public static List<String> of(Loading loading, UnaryOperator<String> withId) {
    List<String> lines = new ArrayList<>();
    lines.add(meaning(loading.outcome()));
    for (LoadedDevice device : loading.devices()) {
      lines.add(
          "device "
              + withId.apply(device.device())
              + " at "
              + device.section().substring(0, device.section().lastIndexOf('/'))
              + " -> "
              + device.there().orElse("nothing")
              + (device.isLoaded() ? ": loaded" : ": not loaded"));
    }
    return lines;
  }
}
