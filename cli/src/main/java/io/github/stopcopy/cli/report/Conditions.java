package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Verdict;
import java.util.LinkedHashSet;
import java.util.Set;

/** What a conditional verdict depends on, in the few words of a headline. */
final class Conditions {

  private static final String ELSE = "if what is said below holds";

  private Conditions() {}

  /** Behind "it can be migrated": each condition once, those without words of their own last. */
  static String of(Verdict verdict) {
    Set<String> conditions = new LinkedHashSet<>();
    for (Reason reason : verdict.reasons()) {
      conditions.add(words(reason.code()));
    }
    if (conditions.isEmpty() || conditions.remove(ELSE)) {
      conditions.add(ELSE);
    }
    return String.join(", and ", conditions);
  }

  private static String words(String code) {
    return switch (code) {
      case "VIOMMU_MAY_BE_USED" -> "as long as the guest does not use the vIOMMU for DMA";
      case "VM_MAY_DIFFER" -> "if it is that of the two VMs which can be";
      case "NETWORK_MAY_ASSIGN_DEVICE" -> "if no network assigns it a device of the host";
      case "HOST_ASSUMED" -> "if its devices can do what is assumed of them";
      case "FAILOVER_PRIMARY" -> "if the guest lets go of the devices that fail over";
      case "GUEST_MUST_BE_SUSPENDED" -> "if the guest is suspended before";
      case "TRACKED_BY_NOBODY" -> "if its devices write nothing meanwhile";
      default -> ELSE;
    };
  }
}
