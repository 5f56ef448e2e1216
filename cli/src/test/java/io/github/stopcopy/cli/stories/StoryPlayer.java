package io.github.stopcopy.cli.stories;

import static java.util.stream.Collectors.toCollection;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Plays a story on the model step by step, and after each step holds what the model keeps up to
 * date against what naive models make from scratch.
 */
final class StoryPlayer {

  /** As many DIMMs as the command line has room for. */
  private static final int SLOTS = 4;

  /** What keeps a device from being attached, or QEMU from starting, before blockers matter. */
  private static final List<String> OTHER_REFUSALS =
      List.of(
          "failed to setup container",
          "used in multiple address spaces",
          "Failed to set vIOMMU: ",
          "Failed to set iommu_device: ",
          "We need to set caching-mode=on",
          "Device assignment is not allowed without enabling caching-mode=on",
          "Supported values for aw-bits",
          "Legacy mode: ",
          "Scalable mode(",
          "is not migratable, but --only-migratable was specified");

  private final Story story;
  private final Scenario scenario;
  private final Vm vm;
  private final NaiveBlockers blockers;
  private final NaiveIommu tables;
  private final NaiveMaps memory;
  private int played;
  private int dimms;
  private boolean completed;

  StoryPlayer(Story story, Plugins plugins, RuleSets rules) throws InputException {
    this.story = story;
    scenario = Scenarios.read("scenario", 1, story.scenario().toString()).scenario();
    vm =
        Vm.builder(scenario.vm())
            .profile(scenario.profile())
            .host(scenario.host())
            .plugins(plugins)
            .rules(rules.named("qemu").rules(scenario.profile()))
            .build();
    blockers = new NaiveBlockers(story);
    tables = new NaiveIommu(story.viommu());
    memory = new NaiveMaps(vm.addressSpaces().get(0), scenario.host().pageSize());
  }

  /**
   * Plays until QEMU ends, or up to a step that cannot be played.
   *
   * @return whether all steps could be played
   */
  boolean play() {
    for (Step step : scenario.steps()) {
      try {
        play(step);
      } catch (InputException notPlayable) {
        return false;
      }
      played++;
      if (vm.exitCode().isPresent()) {
        if (!isEndExplained() && !(step instanceof Step.Boot)) {
          throw new AssertionError("QEMU ends in step " + played + " (" + step.name() + ")");
        }
        return true;
      }
      check(step);
    }
    return true;
  }

  /** The scenario up to the last step that could be played, as a line for the command. */
  String line() {
    ObjectNode json = story.scenario().deepCopy();
    ArrayNode steps = (ArrayNode) json.get("steps");
    boolean bootIsImplied = !steps.path(0).path("do").asText().equals("boot");
    int keep = Math.max(0, played - (bootIsImplied ? 1 : 0));
    while (steps.size() > keep) {
      steps.remove(steps.size() - 1);
    }
    return json.toString();
  }

  private void play(Step step) throws InputException {
    boolean running = vm.migrationStatus().isRunning(true);
    if (step instanceof Step.Boot) {
      vm.boot();
      booted();
    } else if (step instanceof Step.DeviceAdd add) {
      StoryDevice device = story.device(add.device().id().orElseThrow());
      Optional<String> error = vm.deviceAdd(add.device()).map(QemuError::text);
      if (running) {
        expect(step, Optional.of("device_add not allowed while migrating"), error);
      } else if (vm.exitCode().isEmpty()) {
        added(device, story.viommu().exists(), error);
      }
    } else if (step instanceof Step.DeviceDel del) {
      boolean known = vm.findDevice(del.id()).isPresent();
      Optional<String> error = vm.deviceDel(del.id(), del.released()).map(QemuError::text);
      boolean fixed = known && story.isOnRootBusOfQ35(del.id());
      if (!known || fixed || running) {
        expect(step, true, error.isPresent());
      } else if (del.released()) {
        blockers.remove(story.device(del.id()));
      }
    } else if (step instanceof Step.Migrate migrate) {
      Optional<String> expected = refusal(running, migrate);
      expect(
          step,
          expected,
          vm.migrate(migrate.capabilities(), migrate.hold()).map(found -> found.error().text()));
    } else if (step instanceof Step.FinishMigration) {
      vm.finishMigration();
    } else if (step instanceof Step.MigrateCancel) {
      vm.cancelMigration();
    } else if (step instanceof Step.MemoryAdd add) {
      Optional<QemuError> error = vm.memoryAdd(add.id(), add.size(), add.at());
      expect(step, running || dimms == SLOTS, error.isPresent());
      dimms += error.isEmpty() ? 1 : 0;
    } else if (step instanceof Step.MoveBar move) {
      vm.moveBar(device(move.device()), move.bar(), move.at());
    } else if (step instanceof Step.DmaWrite write) {
      device(write.device()).dmaWrite(write.written());
    } else if (step instanceof Step.Sync) {
      vm.syncDirtyPages();
    } else if (step instanceof Step.Viommu viommu) {
      guest(viommu);
    }
    completed |= vm.migrationStatus() == MigrationStatus.COMPLETED;
  }

  private VfioDevice device(String id) throws InputException {
    return vm.findDevice(id).orElseThrow(() -> InputException.of("there is no such device"));
  }

  private void booted() {
    boolean hasViommu = story.viommu().exists() && !story.viommu().last();
    for (StoryDevice device : story.cold()) {
      Optional<String> refused = blockers.add(device, hasViommu);
      if (vm.exitCode().isPresent()) {
        Optional<String> ended = vm.endedBy().map(DeviceFinding::error).map(QemuError::text);
        if (refused.isPresent() && ended.equals(Optional.of(prefixed(device, refused.get())))) {
          return;
        }
      } else if (refused.isPresent()) {
        throw new AssertionError("started, expected: " + refused.get());
      }
    }
    if (vm.exitCode().isPresent() && !isEndExplained()) {
      throw new AssertionError(
          "QEMU does not start: "
              + vm.endedBy().map(found -> found.error().text()).orElse("it aborts"));
    }
    if (hasViommu) {
      vm.vfioDevices().forEach(device -> tables.attached(vm.requester(device)));
    }
  }

  private void added(StoryDevice device, boolean behind, Optional<String> error) {
    if (error.isPresent() && isNoMatterOfBlockers(error.get())) {
      return;
    }
    Optional<String> expected = blockers.add(device, behind).map(text -> prefixed(device, text));
    if (!expected.equals(error)) {
      throw new AssertionError(device.id() + ": expected " + expected + ", but " + error);
    }
    Optional<VfioDevice> made = vm.findDevice(device.id());
    if (behind && made.isPresent()) {
      tables.attached(vm.requester(made.get()));
    }
  }

  /** Only a host that refuses maps or a vIOMMU that refuses notifiers makes QEMU abort. */
  private boolean isEndExplained() {
    return vm.endedBy().isPresent()
        ? isNoMatterOfBlockers(vm.endedBy().get().error().text())
        : story.mayFailToMap() || story.viommu().refusesNotifiers();
  }

  private static boolean isNoMatterOfBlockers(String text) {
    return OTHER_REFUSALS.stream().anyMatch(text::contains);
  }

  private Optional<String> refusal(boolean running, Step.Migrate migrate) {
    if (running) {
      return Optional.of("There's a migration process in progress");
    }
    if (completed) {
      return Optional.of("Can't migrate the vm that was paused due to previous migration");
    }
    if (story.viommu().driver().equals("amd-iommu")) {
      return Optional.of("State blocked by non-migratable device 'amd-iommu'");
    }
    List<String> texts = blockers.texts();
    if (!texts.isEmpty()) {
      return Optional.of(texts.get(texts.size() - 1));
    }
    return story.isFrom(QemuProfile.V8_1_IOMMU_PT)
            && migrate.capabilities().contains("postcopy-ram")
            && !blockers.migrating().isEmpty()
        ? Optional.of(
            blockers.migrating().get(0).name()
                + ": VFIO migration is not supported with postcopy migration")
        : Optional.empty();
  }

  private void guest(Step.Viommu step) throws InputException {
    Optional<VfioDevice> device = step.device().flatMap(vm::findDevice);
    if (step.device().isPresent() && device.isEmpty()) {
      throw InputException.of("there is no such device");
    }
    Optional<PciAddress> requester = device.map(vm::requester);
    GuestAction action =
        switch (step.operation()) {
          case ENABLE -> new GuestAction.Enable();
          case DISABLE -> new GuestAction.Disable();
          case SET_ROOT -> new GuestAction.SetRoot();
          case INVALIDATE -> new GuestAction.Invalidate();
          case CONTEXT ->
              new GuestAction.WriteContext(
                  requester.orElseThrow(),
                  step.mode().orElseThrow(),
                  step.addressBits().orElse(48));
          case ATTACH ->
              new GuestAction.Attach(requester.orElseThrow(), step.domain().orElseThrow());
          case DETACH ->
              new GuestAction.Detach(requester.orElseThrow(), step.domain().orElseThrow());
          case MAP ->
              new GuestAction.Map(
                  requester.orElseThrow(), step.iova(), step.guestAddress(), step.pages());
          case UNMAP -> new GuestAction.Unmap(requester.orElseThrow(), step.iova(), step.pages());
        };
    if (vm.guest(action) instanceof ActionResult.Unsupported unsupported) {
      throw InputException.of(unsupported.reason());
    }
    tables.guest(action);
  }

  private void check(Step step) {
    List<String> reasons = new ArrayList<>(blockers.texts());
    if (story.viommu().driver().equals("amd-iommu")) {
      reasons.add("non-migratable device: amd-iommu");
    }
    expect(step, reasons, vm.blockedReasons());
    for (VfioContainer container : vm.containers()) {
      AddressSpace space = container.space();
      Map<Long, Long> pages = new TreeMap<>();
      if (story.viommu().isIntel() && container.isBehindVirtualIommu()) {
        PciAddress requester =
            vm.requester(vm.findDevice(container.deviceNames().get(0)).orElseThrow());
        pages.putAll(tables.translations(requester));
        expect(step, tables.isTranslated(requester), !memory.translated(space).isEmpty());
      }
      expect(
          step,
          new TreeSet<>(memory.translated(space)),
          container.iommuSections().stream()
              .map(section -> text(section.first(), section.last()))
              .collect(toCollection(TreeSet::new)));
      if (!story.mayFailToMap()) {
        expect(
            step,
            memory.maps(space, pages),
            container.mappings().stream()
                .map(map ->
                    text(map.iova(), map.iova() + map.size() - 1)
                        + (map.readonly() ? " ro" : " rw"))
                .toList());
      }
    }
  }

  private static String prefixed(StoryDevice device, String text) {
    return "vfio " + device.name() + ": " + text;
  }

  private static String text(long first, long last) {
    return Long.toHexString(first) + ".." + Long.toHexString(last);
  }

  private void expect(Step step, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw new AssertionError(
          "step "
              + (played + 1)
              + " ("
              + step.name()
              + "):\n  expected "
              + expected
              + "\n  but      "
              + actual);
    }
  }
}
