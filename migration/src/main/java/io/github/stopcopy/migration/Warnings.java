package io.github.stopcopy.migration;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What there is to know beside an answer, a line each. */
final class Warnings {

  private final List<String> lines = new ArrayList<>();

  private Warnings() {}

  /**
   * All warnings.
   *
   * @param story what was played
   * @param notes what is known of the input
   * @param refusing the devices for which a measurement of the dirty rate ends QEMU
   * @param destination what there is to know about the destination
   */
  static List<String> of(
      Story story, List<String> notes, List<String> refusing, List<String> destination) {
    Warnings warnings = new Warnings();
    Scenario scenario = story.scenario();
    warnings.release(scenario, notes);
    MachineTypes.note(scenario.vm().machineType()).ifPresent(warnings.lines::add);
    warnings.lines.addAll(notes);
    for (StepAnswer answer : story.answers()) {
      answer.warnings().forEach(line -> warnings.lines.add("QEMU warns: " + line));
    }
    warnings.lines.addAll(destination);
    warnings.dump(scenario);
    warnings.order(story.vm());
    warnings.bars(story.vm());
    warnings.superfluousFacts(story);
    warnings.failoverPairs(story.vm());
    for (String device : refusing) {
      warnings.finding(Cause.DIRTY_RATE_ABORTS, device, device);
    }
    List<String> options = scenario.vm().unknownOptions();
    if (!options.isEmpty()) {
      warnings.lines.add("Options that mean nothing to this program: " + String.join(" ", options));
    }
    return warnings.lines;
  }

  /** That the release was not held against a binary, unless a note says so already. */
  private void release(Scenario scenario, List<String> notes) {
    scenario
        .profile()
        .warning()
        .filter(warning -> notes.stream().noneMatch(note -> note.contains(warning)))
        .ifPresent(lines::add);
  }

  /** QEMU makes devices in order, those given in JSON last; the order of the options misleads. */
  private void order(Vm vm) {
    for (VfioDevice device : vm.devicesBeforeVirtualIommu()) {
      lines.add(madeBeforeVirtualIommu(device.name()));
    }
  }

  /** The warning about a device that is made before the vIOMMU. */
  static String madeBeforeVirtualIommu(String device) {
    return device
        + " is made before the vIOMMU and so is not behind it: the guest sees a vIOMMU that"
        + " does not translate for this device. Put the vIOMMU first if it should.";
  }

  /** A dump of another VM, or of this one with other memory, would be taken for its layout. */
  private void dump(Scenario scenario) {
    Result<MemoryPlan> plan =
        scenario.vm().memory().plan(scenario.vm(), scenario.profile(), scenario.host());
    if (plan instanceof Result.Ok<MemoryPlan> ok) {
      ok.value()
          .ramMissingAfterFirmware()
          .ifPresent(last ->
              lines.add(
                  "The memory dump is not of this VM: its RAM should end at "
                      + U64.hex(last)
                      + " by the configuration, and does not in the dump, which is used as it is."
                      + " Take `info mtree -f` from this VM, or correct its memory."));
    }
  }

  private void bars(Vm vm) {
    if (vm.areBarsKnown()) {
      return;
    }
    if (vm.vfioDevices().stream().anyMatch(VfioDevice::hasMappedBars)) {
      lines.add("The addresses of the devices' BARs are not known; give --mtree to count them in.");
    }
    for (VfioDevice device : vm.vfioDevices()) {
      if (!device.areBarsDescribed()) {
        lines.add(
            "Nothing is known of the BARs of "
                + device.name()
                + "; one above 4 GiB would be tracked as well, and one below may lengthen what is"
                + " tracked there. Give --mtree to count them in.");
      }
    }
  }

  /** Where nothing blocks, data is lost; elsewhere nobody else would say it (R-OBS-143). */
  private void failoverPairs(Vm vm) {
    for (FailoverPrimary primary : vm.failoverPrimaries()) {
      if (!primary.paired()) {
        finding(Cause.FAILOVER_PAIR_MISSING, primary.device(), primary.standby());
      }
    }
  }

  private void finding(Cause cause, String device, String value) {
    lines.add(cause.code() + ", " + device + ": " + cause.explanation(value));
  }

  /** Facts that are about no device of the VM are often a mistyped address. */
  private void superfluousFacts(Story story) {
    Set<String> known = AssignedDevices.factNames(story);
    for (String name : story.scenario().host().devices().keySet()) {
      if (!known.contains(name)) {
        lines.add("The host's facts describe " + name + ", which is no VFIO device of this VM.");
      }
    }
  }
}
