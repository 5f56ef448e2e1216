package io.github.stopcopy.migration.scenario;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.EventList;
import io.github.stopcopy.core.event.MessageEvent;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.migration.scenario.StepAnswer.AddressSpaceView;
import io.github.stopcopy.migration.scenario.StepAnswer.MigrationQuery;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.migration.vm.ListenerRequest;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.migration.vm.VmBuilder;
import io.github.stopcopy.vfiopci.DmaMapping;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Plays scenarios step by step. A player keeps no state between scenarios; thread-safe. */
public final class ScenarioPlayer {

  private static final AddressRange EVERYWHERE = new AddressRange(0, U64.MAX);

  private final Plugins plugins;
  private final RuleSource rules;
  private final VfioPolicy policy;
  private final Function<String, DirtyTracker> trackers;
  private final List<ListenerRequest> listeners;

  /** Gives the rules that decide for a release. */
  @FunctionalInterface
  public interface RuleSource {

    /** The rules in their order. */
    List<MigrationRule> rules(QemuProfile profile);
  }

  /**
   * A player.
   *
   * @param plugins who models vIOMMUs and device types
   * @param rules who decides
   * @param policy where it departs from QEMU
   * @param trackers opens the dirty tracker of a device, by the name of the host's device
   */
  public ScenarioPlayer(
      Plugins plugins,
      RuleSource rules,
      VfioPolicy policy,
      Function<String, DirtyTracker> trackers) {
    this(plugins, rules, policy, trackers, List.of());
  }

  private ScenarioPlayer(
      Plugins plugins,
      RuleSource rules,
      VfioPolicy policy,
      Function<String, DirtyTracker> trackers,
      List<ListenerRequest> listeners) {
    this.plugins = plugins;
    this.rules = rules;
    this.policy = policy;
    this.trackers = trackers;
    this.listeners = List.copyOf(listeners);
  }

  /** The same player with these memory listeners, found among the plugins, looking on. */
  public ScenarioPlayer withListeners(List<ListenerRequest> requests) {
    return new ScenarioPlayer(plugins, rules, policy, trackers, requests);
  }

  /** The same player with another choice of dirty trackers, by the name of the host's device. */
  public ScenarioPlayer withTrackers(Function<String, DirtyTracker> others) {
    return new ScenarioPlayer(plugins, rules, policy, others, listeners);
  }

  /**
   * Plays a scenario; steps after QEMU has ended are not answered.
   *
   * @throws InputException if the scenario makes no sense to the model, or is too long: its answers
   *     would have more than 2^18 rows (events, mappings, ranges of memory), or its address spaces
   *     have more than 2^24 ranges, counted anew after each step
   */
  public Story play(Scenario scenario) throws InputException {
    StoryLimit limit = new StoryLimit();
    VmBuilder builder =
        Vm.builder(scenario.vm())
            .profile(scenario.profile())
            .host(scenario.host())
            .plugins(plugins)
            .rules(rules.rules(scenario.profile()))
            .trackers(trackers)
            .policy(policy)
            .events(limit);
    listeners.forEach(builder::listener);
    Vm vm = builder.build();
    List<StepAnswer> answers = new ArrayList<>();
    Optional<DeviceFinding> refusedMigration = Optional.empty();
    Optional<DeviceFinding> refusedAfterCompletion = Optional.empty();
    boolean migrated = false;
    int sinceMigrate = 0;
    for (int i = 0; i < scenario.steps().size() && vm.exitCode().isEmpty(); i++) {
      Step step = scenario.steps().get(i);
      int index = i;
      Optional<Map<Integer, List<DmaMapping>>> maps = Optional.empty();
      List<String> unknown = new ArrayList<>();
      if (step instanceof Step.Migrate) {
        if (knowsMaps(vm)) {
          maps = Optional.of(maps(vm));
        } else {
          unknown.add("dma-map");
        }
      }
      Optional<String> commandError;
      if (step instanceof Step.Migrate migrate) {
        boolean isMigrated =
            vm.migrationStatus() == MigrationStatus.COMPLETED || !vm.migrationStatus().isIdle();
        Optional<DeviceFinding> refused =
            limit.play(
                step, i, () -> vm.migrate(migrate.capabilities(), migrate.mode(), migrate.hold()));
        commandError = refused.map(finding -> finding.error().text());
        // While one runs, and once it has completed, QEMU refuses others for that alone (R-BLK-5).
        if (!isMigrated) {
          refusedMigration = refused;
          migrated = true;
          sinceMigrate = i;
        } else {
          refusedAfterCompletion = refused;
        }
      } else {
        commandError = limit.play(step, i, () -> play(vm, step, index));
      }
      EventList events = limit.events();
      List<AddressRange> dirty = List.of();
      if (step instanceof Step.Sync) {
        dirty = collectDirtyPages(vm);
      } else if (step instanceof Step.Migrate) {
        // The first iteration sends every page, and so takes what the set-up found with it.
        vm.ramDirtyLog().pages().clear(EVERYWHERE);
      }
      StepAnswer answer = answer(vm, step, events, commandError, maps, dirty, unknown);
      limit.count(answer, vm, i);
      answers.add(answer);
    }
    return new Story(
        scenario,
        vm,
        answers,
        migrated,
        refusedMigration,
        refusedAfterCompletion,
        events(answers.subList(Math.min(sinceMigrate, answers.size()), answers.size())));
  }

  /** What happened in these steps. */
  private static EventList events(List<StepAnswer> steps) {
    if (steps.size() == 1) {
      return steps.get(0).events();
    }
    EventList.Builder all = new EventList.Builder();
    steps.forEach(step -> all.recordAll(step.events()));
    return all.build();
  }

  private static Optional<String> play(Vm vm, Step step, int index) throws InputException {
    Optional<QemuError> error = Optional.empty();
    if (step instanceof Step.Boot) {
      if (index > 0) {
        throw InputException.of("step " + (index + 1) + ": boot, expected only as the first step");
      }
      vm.boot();
    } else if (step instanceof Step.DeviceAdd add) {
      error = vm.deviceAdd(add.device());
    } else if (step instanceof Step.DeviceDel del) {
      error = vm.deviceDel(del.id(), del.released());
    } else if (step instanceof Step.FinishMigration) {
      vm.finishMigration();
    } else if (step instanceof Step.MigrateCancel) {
      vm.cancelMigration();
    } else if (step instanceof Step.MemoryAdd add) {
      error = vm.memoryAdd(add.id(), add.size(), add.at());
    } else if (step instanceof Step.AcceptStandby) {
      vm.acceptStandby();
    } else if (step instanceof Step.Sync) {
      vm.syncDirtyPages();
    } else if (step instanceof Step.DmaWrite write) {
      write(vm, write, index);
    } else if (step instanceof Step.MoveBar move) {
      move(vm, move, index);
    } else if (step instanceof Step.Viommu viommu) {
      ActionResult result = vm.guest(action(vm, viommu, index));
      if (result instanceof ActionResult.Unsupported unsupported) {
        throw InputException.of("step " + (index + 1) + ": " + unsupported.reason());
      }
    }
    return error.map(QemuError::text);
  }

  private static void write(Vm vm, Step.DmaWrite step, int index) throws InputException {
    VfioDevice device = device(vm, step.device(), index);
    try {
      device.dmaWrite(step.written());
    } catch (IllegalStateException stopped) {
      throw InputException.of("step " + (index + 1) + ": " + stopped.getMessage());
    }
  }

  private static void move(Vm vm, Step.MoveBar step, int index) throws InputException {
    VfioDevice device = device(vm, step.device(), index);
    try {
      vm.moveBar(device, step.bar(), step.at());
    } catch (InputException wrong) {
      throw InputException.of("step " + (index + 1) + ": " + wrong.problem());
    }
  }

  /**
   * Takes the dirty pages that were found, as the migration does that is to send them (R-DT-60).
   */
  private static List<AddressRange> collectDirtyPages(Vm vm) {
    DirtyLog pages = vm.ramDirtyLog().pages();
    List<AddressRange> dirty = pages.dirtyRanges();
    pages.clear(EVERYWHERE);
    return dirty;
  }

  private static GuestAction action(Vm vm, Step.Viommu step, int index) throws InputException {
    return switch (step.operation()) {
      case ENABLE -> new GuestAction.Enable();
      case DISABLE -> new GuestAction.Disable();
      case SET_ROOT -> new GuestAction.SetRoot();
      case INVALIDATE -> new GuestAction.Invalidate();
      case CONTEXT ->
          new GuestAction.WriteContext(
              device(vm, step, index), mode(step, index), step.addressBits().orElse(48));
      case ATTACH -> new GuestAction.Attach(device(vm, step, index), domain(step, index));
      case DETACH -> new GuestAction.Detach(device(vm, step, index), domain(step, index));
      case MAP ->
          new GuestAction.Map(
              device(vm, step, index), step.iova(), step.guestAddress(), step.pages());
      case UNMAP -> new GuestAction.Unmap(device(vm, step, index), step.iova(), step.pages());
    };
  }

  private static GuestAction.ContextMode mode(Step.Viommu step, int index) throws InputException {
    if (step.mode().isEmpty()) {
      throw InputException.of(
          "step "
              + (index + 1)
              + ": viommu context without mode, expected translate, passthrough or"
              + " absent");
    }
    return step.mode().get();
  }

  private static int domain(Step.Viommu step, int index) throws InputException {
    return step.domain()
        .orElseThrow(() ->
            InputException.of(
                "step "
                    + (index + 1)
                    + ": viommu "
                    + step.operation().name().toLowerCase(Locale.ROOT)
                    + " without domain, expected its number"));
  }

  private static PciAddress device(Vm vm, Step.Viommu step, int index) throws InputException {
    return vm.requester(device(vm, step.device().orElse(""), index));
  }

  private static VfioDevice device(Vm vm, String name, int index) throws InputException {
    return vm.findDevice(name)
        .orElseThrow(() ->
            InputException.of(
                "step " + (index + 1) + ": device '" + name + "' is no VFIO device of this VM"));
  }

  private static StepAnswer answer(
      Vm vm,
      Step step,
      EventList events,
      Optional<String> commandError,
      Optional<Map<Integer, List<DmaMapping>>> maps,
      List<AddressRange> dirtyPages,
      List<String> unknown) {
    List<String> errors = List.of();
    List<String> warnings = List.of();
    List<VfioEvent.DmaLoggingStart> starts = List.of();
    List<VfioEvent.ContainerDirty> containers = List.of();
    List<VfioEvent.DeviceState> states = List.of();
    List<AddressRange> sections = List.of();
    for (ModelEvent event : events.single()) {
      if (event instanceof MessageEvent message) {
        if (message.severity() == MessageEvent.Severity.ERROR) {
          errors = longer(errors, message.text());
        } else {
          warnings = longer(warnings, message.text());
        }
      } else if (event instanceof VfioEvent.DmaLoggingStart start) {
        starts = longer(starts, start);
      } else if (event instanceof VfioEvent.ContainerDirty dirty) {
        containers = longer(containers, dirty);
      } else if (event instanceof VfioEvent.DeviceState state && !(step instanceof Step.Boot)) {
        states = longer(states, state);
      } else if (event instanceof VfioEvent.IommuSectionAdded added) {
        sections = longer(sections, added.range());
      }
    }
    boolean alive = vm.exitCode().isEmpty();
    boolean queried = alive && isFollowedByQuery(step);
    return new StepAnswer(
        step.name(),
        vm.exitCode(),
        errors,
        warnings,
        commandError,
        starts,
        containers,
        states,
        sections,
        queried ? Optional.of(query(vm)) : Optional.empty(),
        maps,
        alive && step instanceof Step.Snapshot ? views(vm) : List.of(),
        dirtyPages,
        unknown,
        events);
  }

  /** The list with one more; most steps have nothing of most kinds. */
  private static <T> List<T> longer(List<T> list, T more) {
    List<T> longer = list.isEmpty() ? new ArrayList<>() : list;
    longer.add(more);
    return longer;
  }

  private static boolean isFollowedByQuery(Step step) {
    return step instanceof Step.Snapshot
        || step instanceof Step.DeviceAdd
        || step instanceof Step.DeviceDel
        || step instanceof Step.Migrate
        || step instanceof Step.FinishMigration
        || step instanceof Step.MigrateCancel;
  }

  private static MigrationQuery query(Vm vm) {
    return new MigrationQuery(
        vm.migrationStatus().qapiName(), vm.errorDescription(), vm.blockedReasons());
  }

  private static List<AddressSpaceView> views(Vm vm) {
    List<AddressSpaceView> views = new ArrayList<>();
    for (AddressSpace space : vm.addressSpaces()) {
      views.add(AddressSpaceView.of(space));
    }
    return views;
  }

  /**
   * Without a memory dump nobody knows where BARs are, nor which ROM the firmware has shadowed:
   * then the maps are known only if there are no containers.
   */
  private static boolean knowsMaps(Vm vm) {
    return vm.areBarsKnown() || vm.containers().isEmpty();
  }

  private static Map<Integer, List<DmaMapping>> maps(Vm vm) {
    Map<Integer, List<DmaMapping>> all = new LinkedHashMap<>(4);
    for (VfioContainer container : vm.containers()) {
      all.put(container.number(), container.mappings());
    }
    return all;
  }
}
