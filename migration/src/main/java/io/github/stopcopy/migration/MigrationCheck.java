package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.candidate.LibvirtXml;
import io.github.stopcopy.migration.candidate.RemedyCandidates;
import io.github.stopcopy.migration.candidate.SingleChanges;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.cost.TrackingCost;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.destination.Loading;
import io.github.stopcopy.migration.incoming.Arrival;
import io.github.stopcopy.migration.incoming.DestinationPlayer;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.ScenarioPlayer;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.vm.ListenerReport;
import io.github.stopcopy.migration.vm.ListenerRequest;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a VM can be live-migrated.
 *
 * {@snippet file="VerdictTest.java" region="command-line"}
 *
 * <p>The VM is booted on the model, a migration is attempted, and every remedy is tried before it
 * is told. Not thread-safe; make one per decision.
 */
public final class MigrationCheck {

  private Scenario scenario;
  private Optional<Plugins> plugins = Optional.empty();
  private Optional<RuleSets> ruleSets = Optional.empty();
  private final Set<String> adviceFrom = new LinkedHashSet<>();
  private final List<TrackerRequest> trackers = new ArrayList<>();
  private final List<ListenerRequest> listeners = new ArrayList<>();
  private final List<RemedyChange> changes = new ArrayList<>();
  private Optional<Set<String>> libvirtInterfaces = Optional.empty();
  private Optional<VmConfig> otherVm = Optional.empty();
  private String whyOther = "";
  private final List<String> possibleDevices = new ArrayList<>();
  private boolean withRemedies = true;
  private boolean withCosts;
  private boolean countsLaterRefusals;
  private final List<String> notes = new ArrayList<>();
  private @Nullable Destination destination;
  private final boolean isHostAssumed;
  private final List<DriverRequest> drivers = new ArrayList<>();
  private ProfileOrigin profileOrigin;
  private VfioPolicy policy = VfioPolicy.EXACT;

  private MigrationCheck(Scenario scenario, boolean isHostAssumed, ProfileOrigin profileOrigin) {
    this.scenario = scenario;
    this.isHostAssumed = isHostAssumed;
    this.profileOrigin = profileOrigin;
  }

  /**
   * Asks about a VM on a host of which nothing is known, with the newest QEMU that is known, told
   * as assumed. What nobody says of the host is assumed: as the kernel driver of a device is known
   * to do, else that it can do everything. All of it is told as {@link Verdict#assumptions}, and an
   * answer that would be {@link VerdictKind#MIGRATABLE} and rests on such an ability of a device is
   * {@link VerdictKind#CONDITIONAL}, with the reason {@code HOST_ASSUMED} for each device.
   */
  public static MigrationCheck of(VmConfig vm) {
    return new MigrationCheck(Scenario.bootAndMigrate(vm), true, ProfileOrigin.ASSUMED);
  }

  /**
   * Asks about a whole scenario; the verdict is that of its last {@code migrate}. A scenario says
   * all that counts, and what its host leaves out has agreed values, so nothing is assumed.
   */
  public static MigrationCheck of(Scenario scenario) {
    return new MigrationCheck(scenario, false, ProfileOrigin.GIVEN);
  }

  /** Sets where the VM runs. */
  public MigrationCheck host(HostFacts host) {
    scenario = scenario.withHost(host);
    return this;
  }

  /**
   * Sets the kernel driver of devices for which the host's facts name none; a later request
   * replaces an earlier one for the same device. What the facts leave out and the driver is known
   * to do is assumed from it. Of a {@link #of(Scenario) scenario} nothing is assumed, and it has no
   * effect.
   */
  public MigrationCheck driver(DriverRequest request) {
    drivers.add(request);
    return this;
  }

  /** Sets which release runs it. */
  public MigrationCheck profile(QemuProfile profile) {
    return profile(profile, ProfileOrigin.GIVEN);
  }

  /** Sets which release runs it, and who says so. */
  public MigrationCheck profile(QemuProfile profile, ProfileOrigin origin) {
    scenario = scenario.withProfile(profile);
    profileOrigin = origin;
    return this;
  }

  /** Adds what is known of the input, a line each; it is told with the warnings. */
  public MigrationCheck notes(List<String> more) {
    notes.addAll(more);
    return this;
  }

  /** Sets who models vIOMMUs and device types; without it ServiceLoader is asked. */
  public MigrationCheck plugins(Plugins found) {
    plugins = Optional.of(found);
    return this;
  }

  /** Sets the rule sets that can give advice; without it ServiceLoader is asked. */
  public MigrationCheck ruleSets(RuleSets found) {
    ruleSets = Optional.of(found);
    return this;
  }

  /**
   * Also asks another rule set, whose findings stand beside the answer and never change it; {@code
   * lint} is the one that comes with this project. The changes that a finding proposes are played
   * before they are told. A set that throws is a problem line of the verdict.
   */
  public MigrationCheck adviceFrom(String ruleSet) {
    adviceFrom.add(ruleSet);
    return this;
  }

  /**
   * Sets who logs the writes of devices, by the names of trackers among the plugins; a later
   * request replaces an earlier one for the same device. Without it devices log everything.
   * Trackers are closed once it is decided.
   */
  public MigrationCheck tracker(TrackerRequest request) {
    trackers.add(request);
    return this;
  }

  /**
   * Also lets a memory listener among the plugins look on while the VM is played; what it tells is
   * in {@link Verdict#listeners}. One that throws is a problem line of the verdict.
   */
  public MigrationCheck listener(ListenerRequest request) {
    listeners.add(request);
    return this;
  }

  /** Departs from QEMU where safer behaviour is wanted; {@link VfioPolicy#EXACT} by default. */
  public MigrationCheck policy(VfioPolicy wanted) {
    policy = wanted;
    return this;
  }

  /**
   * Also asks whether what the source would send can be loaded there; see {@link
   * Verdict#destination}. What stands in the way there makes the verdict {@code failed}, what QEMU
   * does not check {@code conditional}.
   */
  public MigrationCheck to(Destination there) {
    destination = there;
    return this;
  }

  /**
   * Also plays what happens to the VM before the migration is attempted, such as what its guest
   * does to the vIOMMU; of a {@link #of(VmConfig) VM}, which only boots otherwise.
   */
  public MigrationCheck afterBoot(List<Step> more) {
    scenario = scenario.withSteps(AfterBoot.steps(scenario.steps(), more));
    return this;
  }

  /**
   * Makes changes to what is asked about, such as those of a remedy, in their order and behind
   * earlier ones. They are made when it is decided, on top of all else that was set.
   */
  public MigrationCheck apply(List<RemedyChange> more) {
    changes.addAll(more);
    return this;
  }

  /**
   * Says that the VM comes from libvirt's XML, so that remedies tell what to add to it.
   *
   * @param interfaces the ids of the VFIO devices that are an {@code <interface>} there
   */
  public MigrationCheck fromLibvirt(Collection<String> interfaces) {
    libvirtInterfaces = Optional.of(Set.copyOf(interfaces));
    return this;
  }

  /**
   * Says that the VM may also be another one, because its description can be read in two ways. Both
   * are decided; if the answers differ and one of them is positive, it is {@link
   * VerdictKind#CONDITIONAL} with the reason {@code VM_MAY_DIFFER}, else a warning tells the other.
   *
   * @param other the other VM
   * @param why what is different and when, in words
   */
  public MigrationCheck mayAlsoBe(VmConfig other, String why) {
    otherVm = Optional.of(other);
    whyOther = why;
    return this;
  }

  /**
   * Says that the VM may get VFIO devices that its description does not show, each in words. An
   * answer that would be positive is {@link VerdictKind#CONDITIONAL} then, with the reason {@code
   * NETWORK_MAY_ASSIGN_DEVICE} for each.
   */
  public MigrationCheck mayHave(Collection<String> devices) {
    possibleDevices.addAll(devices);
    return this;
  }

  /** Says whether remedies are looked for, which plays the VM again for each; on by default. */
  public MigrationCheck remedies(boolean wanted) {
    withRemedies = wanted;
    return this;
  }

  /**
   * Says whether a {@code migrate} that QEMU refuses because an earlier one runs or has completed
   * makes the verdict {@code blocked}, as in recordings of what binaries did (R-BLK-5); off by
   * default: the first one has shown that the VM migrates.
   */
  public MigrationCheck countLaterRefusals(boolean wanted) {
    countsLaterRefusals = wanted;
    return this;
  }

  /** Says whether it is computed what tracking would cost each device; off by default. */
  public MigrationCheck trackingCosts(boolean wanted) {
    withCosts = wanted;
    return this;
  }

  /**
   * Decides.
   *
   * @throws InputException as {@link #play} does
   */
  public Verdict decide() throws InputException {
    return play().verdict();
  }

  /**
   * Decides, and gives the played VM too.
   *
   * @throws InputException if the VM or the scenario makes no sense to the model, e.g. a vIOMMU
   *     that no plugin models, if two plugins have one name, if no rule set has a name given to
   *     {@link #adviceFrom}, if what waits on the destination makes no sense, if a change of {@link
   *     #apply} cannot be made, if a device of {@link #driver} is not there, if a dirty tracker or
   *     memory listener asked for is not there or refuses its parameters, or if a plugin that is
   *     asked for an answer throws
   */
  public Played play() throws InputException {
    Played played = play(new Request(scenario, withRemedies, withCosts));
    if (otherVm.isEmpty() && possibleDevices.isEmpty()) {
      return played;
    }
    OpenPoints open = new OpenPoints(played.verdict());
    if (otherVm.isPresent()) {
      Request other = new Request(scenario.withVm(otherVm.get()), false, false);
      open.otherVm(play(other).verdict(), whyOther);
    }
    possibleDevices.forEach(open::possibleDevice);
    return new Played(open.applied(played.verdict()), played.story());
  }

  /**
   * Looks for the smallest sets of changes after which the VM has another answer; all sets of one
   * and of two changes are played, unless there are very many kinds of VFIO devices, and larger
   * ones if these fail. Plays the VM often: hundreds of times. Of a VM that {@link #mayAlsoBe may
   * also be another}, the first is changed.
   *
   * @throws InputException as {@link #play} does
   */
  public WhatIf whatIf(WhatIfGoal goal) throws InputException {
    return whatIf(goal, WhatIfSearch.MOST_DEVICES_PLAYED);
  }

  /** The same with another budget, see {@link WhatIfSearch#MOST_DEVICES_PLAYED}. */
  WhatIf whatIf(WhatIfGoal goal, int mostDevicesPlayed) throws InputException {
    Verdict verdict = play(new Request(scenario, false, false)).verdict();
    Plugins models = plugins.isPresent() ? plugins.get() : Plugins.load();
    Scenario asked = asked(scenario, models);
    try (TrackerChoice choice = trackers(asked, models)) {
      Trials trials = trials(player(models, choice), choice, judging(models), models, asked, true);
      SingleChanges single =
          new SingleChanges(
              asked,
              models,
              verdict.kind() != VerdictKind.REFUSED,
              verdict.destination().map(Loading::devices).orElse(List.of()),
              choice.asked());
      return new WhatIfSearch(trials, libvirt(asked, models), asked, goal, mostDevicesPlayed)
          .search(verdict, single);
    } catch (PluginFailure failure) {
      throw failure.asInput();
    }
  }

  /**
   * What is decided at once; all else that was set is the same for every VM.
   *
   * @param scenario what is asked about, before changes and assumptions
   * @param remedies whether remedies are looked for
   * @param costs whether it is computed what tracking would cost
   */
  private record Request(Scenario scenario, boolean remedies, boolean costs) {}

  private Played play(Request request) throws InputException {
    Plugins usedPlugins = plugins.isPresent() ? plugins.get() : Plugins.load();
    RuleSets usedRules = ruleSets.isPresent() ? ruleSets.get() : RuleSets.load();
    Map<String, RuleSetProvider> advisers = new LinkedHashMap<>();
    for (String name : adviceFrom) {
      advisers.put(name, usedRules.named(name));
    }
    Scenario asked = asked(request.scenario(), usedPlugins);
    ProfileOrigin origin =
        asked.profile() == request.scenario().profile() ? profileOrigin : ProfileOrigin.GIVEN;
    try (TrackerChoice choice = trackers(asked, usedPlugins)) {
      ScenarioPlayer player = player(usedPlugins, choice);
      Story story = player.withListeners(listeners).play(asked);
      List<TrackingCost> costs = request.costs() ? costs(story, choice) : List.of();
      Judging judging = judging(usedPlugins);
      Judgement judgement = judging.judge(story);
      List<Reason> reasons = judgement.reasons();
      if (request.remedies() && !reasons.isEmpty()) {
        reasons = withRemedies(player, choice, judging, usedPlugins, story, judgement);
      }
      PlayedStory.Types types = new PlayedStory.Types(usedPlugins, asked.profile());
      Advisor advisor =
          new Advisor(
              new PlayedStory(story, judgement, types),
              new AdviceProof(
                  list -> after(list, player, choice, judging, usedPlugins, asked), judgement));
      advisers.forEach(advisor::ask);
      List<String> problems = new ArrayList<>(usedPlugins.problems());
      problems.addAll(usedRules.problems());
      problems.addAll(advisor.problems());
      List<ListenerReport> reports = story.vm().listeners().reports();
      problems.addAll(story.vm().listeners().problems());
      Verdict verdict =
          new Verdict(
              judgement.kind(),
              asked.profile(),
              origin,
              reasons,
              Assumptions.of(
                  isHostAssumed ? Assumptions.of(story, origin) : List.of(), judgement.arrival()),
              Warnings.of(
                  story,
                  allNotes(asked),
                  DirtyRate.refusingDevices(story, choice),
                  told(judgement)),
              story.answers(),
              Judge.tracking(story),
              costs,
              story.vm().virtualIommuLimits(),
              judgement.arrival().map(Arrival::loading),
              advisor.advice(),
              reports,
              problems);
      return new Played(verdict, story);
    } catch (PluginFailure failure) {
      throw failure.asInput();
    }
  }

  private TrackerChoice trackers(Scenario asked, Plugins models) throws InputException {
    List<TrackerRequest> requests = new ArrayList<>(trackers);
    requests.addAll(TrackerChoice.requests(changes));
    return TrackerChoice.of(
        requests,
        models.dirtyTrackers(),
        asked,
        isHostAssumed ? AssumedHost::limits : (scenario, device) -> DeviceLimits.NONE);
  }

  private ScenarioPlayer player(Plugins models, TrackerChoice choice) {
    return new ScenarioPlayer(models, new QemuRuleSet()::rules, policy, choice);
  }

  /** What becomes of the VM with changes; they are made as if somebody had asked for them. */
  private AdviceProof.Outcome after(
      List<RemedyChange> list,
      ScenarioPlayer player,
      TrackerChoice trackers,
      Judging judging,
      Plugins models,
      Scenario asked)
      throws InputException {
    Changes made = new Changes(models.virtualIommus().names());
    Scenario changed = complete(made.apply(asked, list));
    try (TrackerChoice choice = trackers.after(list, changed)) {
      Story story = player.withTrackers(choice).play(changed);
      return new AdviceProof.Outcome(
          judging.after(list).judge(story),
          story,
          new PlayedStory.Types(models, changed.profile()));
    }
  }

  /** What is asked about, with all that was set and what is assumed of the host. */
  private Scenario asked(Scenario described, Plugins models) throws InputException {
    Changes made = new Changes(models.virtualIommus().names());
    return isHostAssumed
        ? complete(made.apply(AssumedHost.withDrivers(described, drivers), changes))
        : made.apply(described, changes);
  }

  private Scenario complete(Scenario open) {
    return isHostAssumed ? AssumedHost.withDriverFacts(open) : open;
  }

  private List<String> allNotes(Scenario asked) {
    List<String> all = new ArrayList<>(notes);
    if (isHostAssumed) {
      all.addAll(AssumedHost.warnings(asked));
    }
    return all;
  }

  private static List<TrackingCost> costs(Story story, TrackerChoice trackers) {
    HostFacts host = story.scenario().host();
    return TrackingCost.of(story.vm(), host, trackers, trackers::name);
  }

  private Judging judging(Plugins models) throws InputException {
    return new Judging(
            new Judge(isHostAssumed, countsLaterRefusals),
            new DestinationPlayer(models, new QemuRuleSet()::rules, policy),
            Optional.ofNullable(destination))
        .after(changes);
  }

  /** What there is to know about the destination, a line each. */
  private List<String> told(Judgement judgement) {
    return judgement
        .arrival()
        .map(Arrival::warnings)
        .orElse(
            destination == null
                ? List.of()
                : List.of("The destination was not asked: the source sends nothing there."));
  }

  private List<Reason> withRemedies(
      ScenarioPlayer player,
      TrackerChoice choice,
      Judging judging,
      Plugins models,
      Story story,
      Judgement judgement) {
    Scenario played = story.scenario();
    return new RemedyProof(
            trials(player, choice, judging, models, played, false),
            new RemedyCandidates(
                played,
                models,
                judgement.kind() != VerdictKind.REFUSED,
                judgement.arrival().map(found -> found.loading().devices()).orElse(List.of())),
            libvirt(played, models))
        .against(judgement);
  }

  private Trials trials(
      ScenarioPlayer player,
      TrackerChoice choice,
      Judging judging,
      Plugins models,
      Scenario played,
      boolean measuresTracking) {
    Changes made = new Changes(models.virtualIommus().names());
    return new Trials(player, choice, judging, this::complete, played, made, measuresTracking);
  }

  private Optional<LibvirtXml> libvirt(Scenario played, Plugins models) {
    return libvirtInterfaces.map(ids -> new LibvirtXml(played, models, ids));
  }
}
