package com.example.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.vm.ListenerRequest;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A VM that is played step by step. */
class PlayTest {

  private static final String ONE_VF =
      "-M q35 -m 2G -device vfio-pci,host=0000:01:00.0,id=vf0,addr=5.0";

  private final HostFacts facts = HostFacts.CAPABLE;

  @Test
  void aDeviceWritesAndTheMigrationFindsThePages() throws Exception {
    VmConfig config = QemuCommandLine.parse("vm42", ONE_VF);
    List<ModelEvent> events = new ArrayList<>();
    // @start region=vm
    Vm vm =
        Vm.builder(config)
            .profile(QemuProfile.V10_2)
            .host(facts)
            .events(events::add) // what happens, as it happens
            .build();
    vm.boot();
    vm.migrate(Set.of(), true); // stays active until it is finished
    vm.vfioDevices().get(0).dmaWrite(new AddressRange(0x5000, 0x6fff)); // I/O virtual addresses
    vm.syncDirtyPages(); // an iteration
    DirtyLog found = vm.ramDirtyLog().pages(); // by RAM address, not by guest address
    DirtyBitmap toSend = new DirtyBitmap(0x80000);
    found.collect(new AddressRange(0, 0x7fffffff), 4096, toSend);
    // @end
    assertThat(events).isNotEmpty();
    assertThat(toSend.isDirty(5)).isTrue();
    assertThat(toSend.isDirty(6)).isTrue();
    assertThat(toSend.nextDirty(7)).isEqualTo(-1);
  }

  @Test
  void aListenerLooksOn() throws Exception {
    Vm vm = Vm.builder(QemuCommandLine.parse("vm42", ONE_VF)).build();
    vm.boot();
    // @start region=listeners
    MappedRanges ranges = new MappedRanges();
    vm.listeners().add(ranges, vm.vfioDevices().get(0).container().space());
    // @end
    assertThat(ranges.ranges()).isNotEmpty();
    vm.listeners().remove(ranges);
    assertThat(ranges.ranges()).isEmpty();
  }

  @Test
  void aListenerIsChosenByName() throws Exception {
    Plugins plugins = Plugins.load().withMemoryListeners(List.of(new MappedRangesProvider()));
    Vm vm =
        Vm.builder(QemuCommandLine.parse("vm42", ONE_VF))
            .plugins(plugins)
            .listener(ListenerRequest.of("ranges"))
            .build();
    vm.boot();
    assertThat(vm.listeners().problems()).isEmpty();
    assertThat(vm.listeners().reports()).as("it has nothing to tell").isEmpty();
  }

  @Test
  void aScenarioIsAVmAndWhatHappensToIt() throws Exception {
    VmConfig vm = QemuCommandLine.parse("vm42", ONE_VF);
    List<String> log = new ArrayList<>();
    // @start region=scenario
    List<Step> steps = List.of(new Step.Migrate(Set.of(), true), new Step.MigrateCancel());
    Scenario scenario = new Scenario("cancelled", QemuProfile.V10_2, vm, facts, steps);
    Verdict verdict = MigrationCheck.of(scenario).decide();
    for (StepAnswer answer : verdict.steps()) {
      log.add(answer.step() + ": " + answer.query());
    }
    // @end
    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(log).hasSize(3);
    assertThat(log.get(2)).startsWith("migrate-cancel: ").contains("cancelled");
  }
}
