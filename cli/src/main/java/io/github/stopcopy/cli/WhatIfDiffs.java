package io.github.stopcopy.cli;

import io.github.stopcopy.cli.patch.DomainPatch;
import io.github.stopcopy.cli.patch.UnifiedDiff;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.Proposal;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.WhatIf;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Proposals as patches of libvirt's XML. */
final class WhatIfDiffs {

  /** Each is checked by playing it; what comes behind so many is told as changes only. */
  private static final int MOST_DIFFS = 50;

  private WhatIfDiffs() {}

  /**
   * Unified diffs for proposals, none for a VM that is not libvirt's; only those after which the
   * XML has the answer that was promised. Ask nothing else of the VM afterwards: it is then that of
   * the last patch.
   *
   * @throws InputException if the XML cannot be read
   */
  static Map<Proposal, String> of(AskedVm vm, WhatIf result) throws InputException {
    Map<Proposal, String> diffs = new LinkedHashMap<>();
    if (vm.domainText().isEmpty()) {
      return diffs;
    }
    String xml = vm.domainText().get();
    DomainPatch patch = new DomainPatch(xml);
    List<Proposal> all = new ArrayList<>(result.proposals());
    all.addAll(result.closest());
    for (Proposal proposal : all.subList(0, Math.min(MOST_DIFFS, all.size()))) {
      Optional<String> patched = patch.with(proposal.changes(), proposal.libvirt());
      if (patched.isPresent() && isAsPromised(vm, patched.get(), proposal)) {
        diffs.put(proposal, UnifiedDiff.of(vm.domainFile(), xml, patched.get()));
      }
    }
    return diffs;
  }

  private static boolean isAsPromised(AskedVm vm, String xml, Proposal proposal)
      throws InputException {
    List<RemedyChange> notInXml =
        proposal.changes().stream().filter(change -> !DomainPatch.isInXml(change)).toList();
    Verdict then = vm.check(xml).apply(notInXml).remedies(false).decide();
    return then.kind() == proposal.verdict()
        && then.reasons().stream().map(Reason::code).distinct().toList().equals(proposal.codes());
  }
}
