package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.destination.LoadOutcome;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.scenario.ScenarioPlayer.RuleSource;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.VfioPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Plays what a destination does with what a source sends. Keeps no state between two; thread-safe.
 */
public final class DestinationPlayer {

  private final Plugins plugins;
  private final RuleSource rules;
  private final VfioPolicy policy;

  /**
   * A player.
   *
   * @param plugins who models vIOMMUs and device types
   * @param rules who decides
   * @param policy where it departs from QEMU
   */
  public DestinationPlayer(Plugins plugins, RuleSource rules, VfioPolicy policy) {
    this.plugins = plugins;
    this.rules = rules;
    this.policy = policy;
  }

  /**
   * Plays the destination of a migration that goes well on the source.
   *
   * @throws InputException if what waits there makes no sense to the model
   */
  public Arrival play(Story source, Destination destination) throws InputException {
    QemuProfile sending = source.scenario().profile();
    QemuProfile profile = destination.profile().orElse(sending);
    WaitingVm waiting = WaitingVm.of(source, destination);
    ArrivalBuilder arrival = new ArrivalBuilder(profile);
    waiting.unknowns().forEach(arrival::unknown);
    if (destination.profile().isEmpty()) {
      arrival.unknown(new Unknown(Unknown.DESTINATION, "profile", profile.id()));
    } else if (!profile.isFrom(sending)) {
      arrival.warning(
          "The destination runs an older QEMU, "
              + profile
              + ", than the source, "
              + sending
              + ". With the same machine type QEMU loads such a VM, but nobody promises it.");
    }
    MachineTypeCheck machine = new MachineTypeCheck(profile, waiting.config().machineType());
    MachineTypeCheck sent = new MachineTypeCheck(sending, source.scenario().vm().machineType());
    machine.unknowns(sent).forEach(arrival::unknown);
    Optional<Obstacle> unknownType = machine.unknown();
    if (unknownType.isPresent()) {
      arrival.obstacle(unknownType.get());
      return arrival.build();
    }
    machine.refuses(sent).ifPresent(arrival::obstacle);
    List<ModelEvent> events = new ArrayList<>();
    try {
      Vm vm = vm(waiting, destination, profile, events);
      if (vm.exitCode().isPresent()) {
        arrival.obstacle(doesNotStart(vm));
        return arrival.build();
      }
      new VirtualIommuCheck(plugins.virtualIommus().names())
          .compare(source.scenario().vm(), waiting.config(), LoadTexts.of(profile))
          .ifPresent(arrival::obstacle);
      new DeviceLoading(source, destination, waiting, vm, arrival).play(events);
    } catch (InputException wrong) {
      throw InputException.of("destination: " + wrong.getMessage());
    }
    return arrival.build();
  }

  private Vm vm(
      WaitingVm waiting, Destination destination, QemuProfile profile, List<ModelEvent> events)
      throws InputException {
    Vm vm =
        Vm.builder(waiting.config())
            .profile(profile)
            .host(destination.host())
            .plugins(plugins)
            .rules(rules.rules(profile))
            .policy(policy)
            .events(events::add)
            .build();
    vm.boot();
    return vm;
  }

  private static Obstacle doesNotStart(Vm vm) {
    Optional<DeviceFinding> ended = vm.endedBy();
    return new Obstacle(
        LoadOutcome.SOURCE_RUNS_ON,
        Cause.DESTINATION_DOES_NOT_START.finding(
            ended.map(found -> found.error().text()).orElse(""),
            ended.map(found -> found.finding().explanation()).orElse("QEMU aborts.")),
        Optional.empty());
  }
}
