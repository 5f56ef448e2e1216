package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.migration.Question.Outcome;
import io.github.stopcopy.migration.reason.ReasonKind;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.VfioContainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Tells what was asked on the way to a verdict, in QEMU's order. How a question came out is taken
 * from the verdict's reasons, so that both never differ; what was found is read off the played VM.
 */
final class Questions {

  /** The facts of a device on which a verdict rests, by their names. */
  private static final Set<String> ABILITIES = Set.of(Fact.MIGRATION.key(), Fact.DMA_LOGGING.key());

  private final Verdict verdict;
  private final Vm vm;
  private final Story story;
  private final List<Question> all = new ArrayList<>();

  private Questions(Verdict verdict, Story story) {
    this.verdict = verdict;
    this.story = story;
    this.vm = story.vm();
  }

  static List<Question> of(Verdict verdict, Story story) {
    Questions questions = new Questions(verdict, story);
    questions.start();
    if (questions.vm.exitCode().isEmpty()) {
      questions.vm.failoverPrimaries().forEach(questions::primary);
      questions.vm.deviceViews().forEach(questions::device);
      questions.migration();
    }
    return questions.all;
  }

  private void start() {
    int devices = vm.vfioDevices().size();
    about(
        Topic.STARTS,
        vm.exitCode().isPresent()
            ? "QEMU has ended, and nothing else was asked"
            : (devices == 1 ? "1 VFIO device" : devices + " VFIO devices")
                + vm.virtualIommuType().map(type -> ", " + type).orElse(", no vIOMMU"));
    if (!reasons(Topic.DESCRIBED, Question.VM).isEmpty()) {
      about(Topic.DESCRIBED, "its description leaves it open");
    }
  }

  private void about(Topic topic, String answer) {
    ask(Question.VM, topic, answer);
  }

  private void ask(String subject, Topic topic, String answer) {
    List<Reason> reasons = reasons(topic, subject);
    Outcome outcome = Outcome.PASS;
    for (Reason reason : reasons) {
      outcome = reason.kind() == ReasonKind.CONDITION ? worse(outcome) : Outcome.FAIL;
    }
    List<String> codes = reasons.stream().map(Reason::code).distinct().toList();
    all.add(new Question(subject, topic.text(), outcome, answer, codes));
  }

  private static Outcome worse(Outcome before) {
    return before == Outcome.FAIL ? before : Outcome.CONDITION;
  }

  private void notAsked(String subject, Topic topic, String why) {
    all.add(new Question(subject, topic.text(), Outcome.NOT_ASKED, why, List.of()));
  }

  /** Those about a device, and those about the VM that answer the question for each device. */
  private List<Reason> reasons(Topic topic, String subject) {
    return verdict.reasons().stream()
        .filter(topic::isAnsweredBy)
        .filter(reason ->
            subject.equals(Question.VM)
                || reason.device().isEmpty()
                || reason.device().get().equals(subject))
        .toList();
  }

  private boolean fails(Topic topic, String subject) {
    return reasons(topic, subject).stream().anyMatch(each -> each.kind() != ReasonKind.CONDITION);
  }

  /** It takes no part in a migration, so that nothing else is asked of it (R-OBS-115). */
  private void primary(FailoverPrimary primary) {
    ask(primary.device(), Topic.FAILOVER, "with " + primary.standby() + ", so nothing blocks");
  }

  private void device(VfioDeviceView device) {
    String name = device.name();
    if (vm.failoverPrimaries().stream().anyMatch(primary -> primary.device().equals(name))) {
      return;
    }
    Optional<String> ended = Optional.empty();
    for (Topic topic : List.of(Topic.OWNER, Topic.KERNEL, Topic.TRACKER, Topic.VIOMMU)) {
      if (ended.isPresent()) {
        notAsked(name, topic, ended.get());
      } else if (blockersDoNotCount() && reasons(topic, name).isEmpty()) {
        notAsked(name, topic, "what blocks does not count in the mode cpr-reboot");
      } else {
        ask(name, topic, answer(topic, device));
        // A device that blocks is asked no more (R-BLK-20 .. R-BLK-26).
        ended = fails(topic, name) ? Optional.of("it blocks already") : Optional.empty();
      }
    }
    known(name);
  }

  /** Also where another answer decides, an ability that nobody said is none that passed. */
  private void known(String device) {
    boolean assumed =
        verdict.assumptions().stream()
            .filter(fact -> fact.subject().equals(device))
            .anyMatch(fact -> ABILITIES.contains(fact.fact()));
    if (assumed && reasons(Topic.KNOWN, device).isEmpty()) {
      all.add(
          new Question(
              device, Topic.KNOWN.text(), Outcome.CONDITION, "no, it is assumed", List.of()));
    } else {
      ask(device, Topic.KNOWN, assumed ? "no, it is assumed" : "yes");
    }
  }

  private boolean blockersDoNotCount() {
    List<Step> steps = story.scenario().steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      if (steps.get(i) instanceof Step.Migrate migrate) {
        return migrate.mode() == MigrationMode.CPR_REBOOT;
      }
    }
    return false;
  }

  private String answer(Topic topic, VfioDeviceView device) {
    return switch (topic) {
      case OWNER -> "enable-migration=" + device.enableMigration().name().toLowerCase(Locale.ROOT);
      case KERNEL -> support(device.migrationSupport());
      case TRACKER -> tracker(device);
      default ->
          device.isBehindVirtualIommu()
              ? "yes" + vm.virtualIommuType().map(type -> ", " + type).orElse("")
              : "no, " + container(device.name());
    };
  }

  private static String support(HostDevice.MigrationSupport support) {
    if (support.error().isPresent()) {
      return "the kernel answers: " + support.error().map(Errno::text).get();
    }
    List<String> can = new ArrayList<>();
    if (support.stopCopy()) {
      can.add("stop-copy");
    }
    if (support.p2p()) {
      can.add("p2p");
    }
    if (support.preCopy()) {
      can.add("pre-copy");
    }
    return can.isEmpty() ? "nothing" : String.join(", ", can);
  }

  private String tracker(VfioDeviceView device) {
    if (device.usesDeviceDirtyTracking()) {
      return "the device logs its own writes";
    } else if (device.hasIommuDirtyTracking()) {
      return "hardware of the host's IOMMU";
    }
    String own = device.hasDmaLogging() ? "its own log is turned off" : "it cannot log";
    return own + (device.containerCanTrack() ? ", its container can track" : ", nor can others");
  }

  /** Who shares its page tables. */
  private String container(String device) {
    VfioContainer shared =
        vm.containers().stream()
            .filter(container -> container.deviceNames().contains(device))
            .findFirst()
            .orElseThrow();
    int others = shared.deviceNames().size() - 1;
    return others == 0 ? "in a container of its own" : "in a container with " + others + " more";
  }

  private void migration() {
    if (vm.deviceViews().size() > 1) {
      if (blockersDoNotCount() && reasons(Topic.SEVERAL, Question.VM).isEmpty()) {
        notAsked(Question.VM, Topic.SEVERAL, "what blocks does not count in the mode cpr-reboot");
      } else {
        about(Topic.SEVERAL, p2p());
      }
    }
    about(Topic.SAVED, vm.virtualIommuType().orElse("no vIOMMU"));
    about(Topic.HOW, how());
    about(Topic.NOW, "the VM runs");
    Optional<String> why = whyNotBegun();
    if (why.isPresent()) {
      for (Topic topic : List.of(Topic.RANGES, Topic.PASSES, Topic.STATES)) {
        notAsked(Question.VM, topic, why.get());
      }
      if (verdict.destination().isPresent()) {
        notAsked(Question.VM, Topic.DESTINATION, why.get());
      }
      return;
    }
    ranges();
    if (fails(Topic.RANGES, Question.VM)) {
      notAsked(Question.VM, Topic.PASSES, "it failed before");
      notAsked(Question.VM, Topic.STATES, "it failed before");
      return;
    }
    about(Topic.PASSES, "dirty pages were collected");
    if (fails(Topic.PASSES, Question.VM)) {
      notAsked(Question.VM, Topic.STATES, "it failed before");
      return;
    }
    about(Topic.STATES, "to STOP_COPY and on");
    if (verdict.destination().isPresent()) {
      about(Topic.DESTINATION, "played there");
    }
  }

  private String p2p() {
    List<VfioDeviceView> devices = vm.deviceViews();
    long with = devices.stream().filter(device -> device.migrationSupport().p2p()).count();
    return devices.size() + " devices, " + with + " of them with P2P";
  }

  private String how() {
    List<Step> steps = story.scenario().steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      if (steps.get(i) instanceof Step.Migrate migrate) {
        String mode = "mode " + migrate.mode().qapiName();
        return migrate.capabilities().isEmpty()
            ? mode
            : mode
                + " with "
                + String.join(", ", migrate.capabilities().stream().sorted().toList());
      }
    }
    return "no migration was asked for";
  }

  private Optional<String> whyNotBegun() {
    if (!story.migrated()) {
      return Optional.of("no migration was begun");
    }
    return verdict.kind() == VerdictKind.BLOCKED
        ? Optional.of("QEMU refuses to begin")
        : Optional.empty();
  }

  private void ranges() {
    if (verdict.tracking().isEmpty()) {
      about(Topic.RANGES, "no device was asked");
    }
    for (DeviceTracking device : verdict.tracking()) {
      int ranges = device.ranges().size();
      String asked = ranges == 1 ? "1 range" : ranges + " ranges";
      ask(
          device.device(),
          Topic.RANGES,
          asked + device.errno().map(errno -> ", refused: " + errno.text()).orElse(""));
    }
  }
}
