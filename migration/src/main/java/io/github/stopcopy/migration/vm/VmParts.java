package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.event.EventLog;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.environment.QemuEnd;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.environment.VfioOptions;
import io.github.stopcopy.vfiopci.kernel.SimulatedKernel;
import io.github.stopcopy.vfiopci.subsystem.VfioSubsystem;
import java.util.List;
import java.util.Optional;

/**
 * The parts of a VM, wired but not booted.
 *
 * @param config what it is
 * @param events takes what happens
 * @param plan where its memory is, or why QEMU does not start with it
 * @param machine system memory and interrupts
 * @param vfio what its VFIO devices share
 * @param devices realizes and removes devices
 * @param listeners the memory listeners of others
 * @param bars the BARs that the guest moves
 * @param migration the outgoing migration
 * @param migrateCommand answers {@code migrate}
 * @param view what rules may know
 */
record VmParts(
    VmConfig config,
    EventLog events,
    Result<MemoryPlan> plan,
    Machine machine,
    VfioSubsystem vfio,
    DeviceRealizer devices,
    VmListeners listeners,
    DeviceBars bars,
    OutgoingMigration migration,
    MigrateCommand migrateCommand,
    VmView view) {

  private static final MemoryPlan NO_MEMORY =
      new MemoryPlan(List.of(), List.of(), Optional.empty(), 0, 0);

  static VmParts assemble(
      VmConfig config,
      QemuProfile profile,
      SimulatedKernel kernel,
      Plugins plugins,
      List<MigrationRule> rules,
      VfioPolicy policy,
      EventLog events) {
    HostFacts host = kernel.host();
    Machine machine = new Machine(config, profile, host, events);
    VfioBehaviour behaviour = VfioBehaviour.of(profile);
    OutgoingMigration migration =
        new OutgoingMigration(machine.facts().memory(), events, MigrationBehaviour.of(profile));
    BlockerRegistry blockers =
        new BlockerRegistry(config.onlyMigratable(), migration::isBusy, events);
    Result<MemoryPlan> plan = config.memory().plan(config, profile, host);
    MemoryPlan layout = plan instanceof Result.Ok<MemoryPlan> ok ? ok.value() : NO_MEMORY;
    VfioSubsystem vfio =
        new VfioSubsystem(
            new VfioEnvironment(
                machine.facts().memory(),
                machine.facts().system(),
                host.pageSize(),
                behaviour,
                new VfioOptions(
                    layout.afterFirmware().isPresent(),
                    MemoryDevices.areMemoryBarsIn(config),
                    policy),
                migration,
                events,
                new QemuEnd()),
            kernel);
    VmView view = new RuleView(profile, config.ramSize(), vfio, migration);
    MigrationRealizer realizer = new MigrationRealizer(rules, view, blockers, migration, events);
    MemoryDevices dimms =
        new MemoryDevices(config, machine.facts().memory(), machine.map(), layout);
    DeviceTypes types = new DeviceTypes(plugins);
    VmListeners listeners = new VmListeners(machine.facts().memory(), host.pageSize());
    DeviceRealizer devices =
        new DeviceRealizer(
            config,
            host,
            machine,
            types,
            vfio,
            realizer,
            dimms,
            listeners,
            new FailoverPairs(config, events));
    MigrateCommand command =
        new MigrateCommand(
            config,
            profile,
            migration,
            blockers,
            realizer,
            devices,
            events,
            machine.facts().accelerator());
    DeviceBars bars = new DeviceBars(host, machine.map());
    return new VmParts(
        config, events, plan, machine, vfio, devices, listeners, bars, migration, command, view);
  }
}
