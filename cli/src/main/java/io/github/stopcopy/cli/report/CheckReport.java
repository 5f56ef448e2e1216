package io.github.stopcopy.cli.report;

import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.Advice;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * A verdict and what else to tell about it.
 *
 * @param verdict the verdict
 * @param notes notes of the command, e.g. about the release
 */
public record CheckReport(Verdict verdict, List<String> notes) {

  /** Copies the notes. */
  public CheckReport {
    notes = List.copyOf(notes);
  }

  /** For programs: one JSON object. */
  public String json() {
    return VerdictJson.write(verdict, warnings());
  }

  /** What QEMU would warn of and what the model does not know, a line each. */
  List<String> warnings() {
    List<String> all = new ArrayList<>(notes);
    for (StepAnswer answer : verdict.story().answers()) {
      answer.warnings().forEach(line -> all.add("QEMU warns: " + line));
    }
    if (!verdict.story().vm().areBarsKnown()
        && verdict.story().vm().vfioDevices().stream().anyMatch(VfioDevice::hasMappedBars)) {
      all.add("The addresses of the devices' BARs are not known; give --mtree to count them in.");
    }
    for (VfioDevice device : verdict.story().vm().vfioDevices()) {
      if (!verdict.story().vm().areBarsKnown() && !device.areBarsDescribed()) {
        all.add(
            "Nothing is known of the BARs of "
                + device.name()
                + "; one above 4 GiB would be tracked as well. Give --mtree to count them in.");
      }
    }
    List<String> unknown = verdict.story().scenario().vm().unknownOptions();
    if (!unknown.isEmpty()) {
      all.add("Options that mean nothing to this program: " + String.join(" ", unknown));
    }
    List<String> types = verdict.story().vm().unknownDeviceTypes();
    if (!types.isEmpty()) {
      all.add("Device types that mean nothing to this program: " + String.join(", ", types));
    }
    for (Advice advice : verdict.advice()) {
      all.add(
          "Rule set "
              + advice.ruleSet()
              + " on "
              + advice.device()
              + ": "
              + advice.finding().explanation());
    }
    return all;
  }
}
