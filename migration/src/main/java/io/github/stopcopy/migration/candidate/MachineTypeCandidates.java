package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.MachineTypes;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;

/**
 * Other machine types that the release has: the newest of both families, and of the VM's own family
 * one version of each set of defaults that the model tells apart.
 */
final class MachineTypeCandidates {

  private static final String OTHER_CHIPSET =
      "the guest starts on the other machine, whose chipset and addresses are others";
  private static final String OTHER_VERSION =
      "the guest starts on the other version of its machine, whose defaults are others";

  private MachineTypeCandidates() {}

  static List<Candidate> of(Scenario scenario) {
    VmConfig vm = scenario.vm();
    List<String> types = new ArrayList<>(List.of("q35", "pc"));
    // Whether the QEMU of a distribution has those of upstream is not known.
    if (MachineTypes.note(vm.machineType()).isEmpty()) {
      types.addAll(versions(scenario.profile(), vm.isQ35() ? "pc-q35-" : "pc-i440fx-"));
    }
    types.remove(vm.machineType());
    return types.stream().map(type -> candidate(vm, type)).toList();
  }

  private static List<String> versions(QemuProfile profile, String family) {
    return MachineTypes.lastOfEachDefaults().stream()
        .map(version -> family + version)
        .filter(type -> !MachineTypes.isNewerThan(profile, type))
        .toList();
  }

  private static Candidate candidate(VmConfig vm, String type) {
    boolean isSameFamily = MachineTypes.isQ35(type) == vm.isQ35();
    String newest = type.contains("-") ? "" : ", the newest of its family in this QEMU,";
    return Candidate.of(
            "have the machine type " + type + newest + " instead of " + vm.machineType(),
            List.of(Changes.machineType(type)),
            RemedyNeed.RESTART,
            RemedyNeed.GUEST_CHANGE)
        .assuming(isSameFamily ? OTHER_VERSION : OTHER_CHIPSET);
  }
}
