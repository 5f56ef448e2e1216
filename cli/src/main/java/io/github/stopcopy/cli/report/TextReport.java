package io.github.stopcopy.cli.report;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.guard.VisibleText;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.cost.LayoutCost;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import io.github.stopcopy.vfiopci.IovaRange;
import io.github.stopcopy.vfiopci.TrackedBy;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The answer for people: the verdict first, then why, then what is tracked, then warnings. */
public final class TextReport {

  private final StringBuilder text = new StringBuilder();
  private final Verdict verdict;

  private final Story story;

  private TextReport(Played played) {
    this.verdict = played.verdict();
    this.story = played.story();
  }

  /** The whole report, lines ended. */
  public static String write(Played played) {
    TextReport text = new TextReport(played);
    text.headline();
    text.reasons();
    text.verdict
        .destination()
        .ifPresent(loading -> DestinationLines.write(text.text, loading, text::withId));
    text.tracking();
    text.costs();
    text.assumptions();
    text.listeners();
    Paragraphs.warnings(text.text, text.verdict.warnings());
    return text.text.toString();
  }

  /** The verdict and what led to it, lines ended. */
  public static String causes(Played played) {
    TextReport text = new TextReport(played);
    text.headline();
    for (Reason reason : text.verdict.reasons()) {
      text.wrapped("  ", text.heading(reason));
      if (!reason.qemuText().isEmpty()) {
        text.line("     QEMU says: " + reason.qemuText());
      }
      text.assumes(reason);
    }
    return text.text.toString();
  }

  private void headline() {
    QemuProfile profile = verdict.profile();
    String meaning =
        switch (verdict.kind()) {
          case MIGRATABLE ->
              story.vm().vfioDevices().isEmpty()
                  ? "no VFIO device in this VM, and nothing of the vIOMMU stands in the way"
                  : "nothing of VFIO or the vIOMMU stands in the way";
          case CONDITIONAL -> "it can be migrated " + ConditionText.of(verdict);
          case BLOCKED -> "QEMU refuses to migrate it";
          case REFUSED -> "QEMU does not start it";
          case FAILED ->
              verdict
                  .destination()
                  .map(loading -> DestinationLines.meaning(loading.outcome()))
                  .orElse("the migration starts and fails");
        };
    String assumed = verdict.profileOrigin() == ProfileOrigin.ASSUMED ? ", assumed" : "";
    line(verdict.kind() + ": " + meaning + " (QEMU " + profile + assumed + ")");
  }

  private String heading(Reason reason) {
    return reason.code() + reason.device().map(name -> ", device " + withId(name)).orElse("");
  }

  private void assumes(Reason reason) {
    if (!reason.assumes().isEmpty()) {
      wrapped("     Assumed:   ", String.join("; ", reason.assumes()));
    }
  }

  private void reasons() {
    if (verdict.reasons().isEmpty()) {
      return;
    }
    line("");
    line("Why");
    int number = 1;
    Map<List<Remedy>, Integer> told = new HashMap<>();
    for (Reason reason : verdict.reasons()) {
      wrapped("  " + number + ". ", heading(reason));
      if (!reason.qemuText().isEmpty()) {
        line("     QEMU says: " + reason.qemuText());
      }
      wrapped("     Meaning:   ", reason.explanation());
      assumes(reason);
      if (!reason.rules().isEmpty()) {
        line("     Rules:     " + String.join(", ", reason.rules()));
      }
      Integer before = told.putIfAbsent(reason.remedies(), number);
      if (!reason.remedies().isEmpty() && before != null) {
        line("     What helps: the same as against " + before);
      } else if (!reason.remedies().isEmpty()) {
        line("     What helps, each tried on the model:");
        reason.remedies().forEach(this::remedy);
      }
      number++;
    }
  }

  private void remedy(Remedy remedy) {
    wrapped("       - ", remedy.toString());
    remedy
        .command()
        .ifPresent(options -> Paragraphs.write(text, "           try: ", options.split(" (?=--)")));
    remedy
        .libvirt()
        .ifPresent(xml -> {
          line("           libvirt:");
          xml.lines().forEach(line -> line("             " + line));
        });
    remedy.assumes().forEach(fact -> wrapped("           if ", fact));
  }

  private void tracking() {
    List<DeviceTracking> all = verdict.tracking();
    List<String> others = otherTrackers(all);
    if (all.isEmpty() && others.isEmpty()) {
      return;
    }
    line("");
    line("What must be tracked");
    List<List<IovaRange>> drawn = new ArrayList<>();
    for (DeviceTracking device : all) {
      line(
          "  device "
              + withId(device.device())
              + ", pages of "
              + Sizes.text(BigInteger.valueOf(device.pageSize()))
              + device.errno().map(errno -> ", refused: " + errno.text()).orElse(""));
      for (IovaRange range : device.ranges()) {
        line(
            String.format(
                "    0x%016x - 0x%016x  %10s",
                range.iova(), range.last(), Sizes.text(U64.toBigInteger(range.length()))));
      }
      if (!device.unknown().isEmpty()) {
        line("    not known without BAR addresses: " + String.join(", ", device.unknown()));
      }
      line(
          "    in sum "
              + Sizes.text(device.trackedBytes())
              + ", a bitmap of "
              + Sizes.text(device.bitmapBytes()));
      if (!drawn.contains(device.ranges())) {
        drawn.add(device.ranges());
        picture(device);
      }
    }
    others.forEach(this::line);
    savings(all);
  }

  /** Containers whose devices do not log themselves. */
  private List<String> otherTrackers(List<DeviceTracking> logging) {
    List<String> lines = new ArrayList<>();
    if (story.refusedMigration().isPresent() || story.vm().exitCode().isPresent()) {
      return lines;
    }
    Set<String> leaving = leaving();
    for (VfioContainer container : story.vm().containers()) {
      List<String> devices = container.deviceNames();
      boolean logs = logging.stream().anyMatch(device -> devices.contains(device.device()));
      if (!logs) {
        String names = String.join(", ", devices.stream().map(this::withId).toList());
        lines.add("  " + names + ": " + tracker(container, leaving));
      }
    }
    return lines;
  }

  private static String tracker(VfioContainer container, Set<String> leaving) {
    if (leaving.containsAll(container.deviceNames())) {
      return "fails over; it leaves before memory is sent";
    } else if (!container.findsWrites()) {
      return "nobody tracks; what is written into pages that were sent is lost";
    }
    return container.trackedBy() == TrackedBy.NOBODY
        ? "nobody tracks; all memory counts as written at every pass"
        : "the container tracks; all memory it maps counts as written";
  }

  /** The devices that the guest lets go of. */
  private Set<String> leaving() {
    return story.vm().failoverPrimaries().stream()
        .filter(FailoverPrimary::paired)
        .map(FailoverPrimary::device)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void picture(DeviceTracking device) {
    Optional<VfioDevice> found = story.vm().findDevice(device.device());
    if (found.isPresent()) {
      line("    What the device sees (drawn by the logarithm of the size)");
      text.append(
          AddressSpacePicture.text(
              AddressSpacePicture.segments(found.get().container().space().view(), device.ranges()),
              device.unknown(),
              "      "));
    }
  }

  /** What the option saves against tracking all that the vIOMMU could translate (R-VIO-62). */
  private void savings(List<DeviceTracking> all) {
    Optional<IovaLimits> limits = verdict.virtualIommu();
    boolean behind = story.vm().containers().stream().anyMatch(VfioContainer::isBehindVirtualIommu);
    if (limits.isEmpty() || !behind || all.isEmpty()) {
      return;
    }
    DeviceTracking device = all.get(0);
    BigInteger width = U64.toBigInteger(limits.get().lastIova()).add(BigInteger.ONE);
    BigInteger bitmap = LayoutCost.bitmapBytes(width, device.pageSize());
    String times =
        device.trackedBytes().signum() == 0
            ? ""
            : ", "
                + new BigDecimal(width)
                    .divide(new BigDecimal(device.trackedBytes()), 1, RoundingMode.HALF_UP)
                    .stripTrailingZeros()
                    .toPlainString()
                + " times as much";
    wrapped(
        "  ",
        "Without the option the vIOMMU's whole width would have to be tracked: "
            + limits.get().addressBits()
            + " bits, "
            + Sizes.text(width)
            + ", a bitmap of "
            + Sizes.text(bitmap)
            + " per device"
            + times
            + ". Saved per device: "
            + Sizes.text(bitmap.subtract(device.bitmapBytes()).max(BigInteger.ZERO))
            + " of bitmap.");
  }

  private void costs() {
    if (!verdict.costs().isEmpty()) {
      line("");
      line("What tracking would cost");
      text.append(CostTable.write(verdict.costs(), this::withId));
    }
  }

  /** What the answer rests on, a line for each device or what else it is about. */
  private void assumptions() {
    if (verdict.assumptions().isEmpty()) {
      return;
    }
    Map<String, List<String>> facts = new LinkedHashMap<>();
    for (Assumption assumption : verdict.assumptions()) {
      facts
          .computeIfAbsent(assumption.subject(), subject -> new ArrayList<>())
          .add(assumption.toString());
    }
    line("");
    line("Assumed, because nobody says");
    facts.forEach(
        (subject, assumed) -> wrapped("  - ", withId(subject) + ": " + String.join("; ", assumed)));
  }

  private void listeners() {
    if (!verdict.listeners().isEmpty()) {
      line("");
      line("What listeners saw");
      ListenerLines.write(text, verdict.listeners(), "  ", this::withId);
    }
  }

  private String withId(String name) {
    Optional<String> id = story.vm().findDevice(name).flatMap(VfioDevice::id);
    return id.map(value -> name + " (" + value + ")").orElse(name);
  }

  private void wrapped(String prefix, String paragraph) {
    Paragraphs.write(text, prefix, paragraph);
  }

  private void line(String line) {
    text.append(VisibleText.of(line)).append('\n');
  }
}
