package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.migration.scenario.Step;
import java.util.Locale;

/** The steps of a scenario in words. */
public final class StepText {

  private StepText() {}

  /** The step in one line. */
  public static String of(Step step) {
    if (step instanceof Step.Viommu viommu) {
      String operation = viommu.operation().name().toLowerCase(Locale.ROOT).replace('_', '-');
      String device = viommu.device().map(name -> " of " + name).orElse("");
      String mode =
          viommu.mode().map(value -> " = " + value.name().toLowerCase(Locale.ROOT)).orElse("");
      String range =
          switch (viommu.operation()) {
            case MAP ->
                ": "
                    + viommu.pages()
                    + " pages at "
                    + U64.hex(viommu.iova())
                    + " -> "
                    + U64.hex(viommu.guestAddress());
            case UNMAP -> ": " + viommu.pages() + " pages at " + U64.hex(viommu.iova());
            default -> "";
          };
      return "guest: viommu " + operation + device + mode + range;
    } else if (step instanceof Step.DeviceAdd add) {
      return "device-add "
          + add.device().driver()
          + add.device().id().map(id -> " " + id).orElse("");
    } else if (step instanceof Step.DeviceDel del) {
      return "device-del " + del.id() + (del.released() ? "" : " (the guest keeps it)");
    } else if (step instanceof Step.Migrate migrate) {
      return "migrate" + (migrate.hold() ? " (slow link)" : "");
    } else if (step instanceof Step.MemoryAdd add) {
      return "memory-add " + add.id() + " of " + U64.hex(add.size()) + " bytes";
    }
    return step.name();
  }
}
