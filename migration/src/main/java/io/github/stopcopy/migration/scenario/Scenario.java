package io.github.stopcopy.migration.scenario;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A VM, where and with which release it runs, and what happens to it.
 *
 * {@snippet file="PlayTest.java" region="scenario"}
 *
 * @param id any text
 * @param profile the release
 * @param vm the VM
 * @param host the host
 * @param steps what happens; a boot is implied if it does not begin with one
 */
public record Scenario(
    String id, QemuProfile profile, VmConfig vm, HostFacts host, List<Step> steps) {

  /** Copies the steps and puts a boot before them if there is none. */
  public Scenario {
    if (steps.isEmpty() || !(steps.get(0) instanceof Step.Boot)) {
      List<Step> all = new ArrayList<>();
      all.add(new Step.Boot());
      all.addAll(steps);
      steps = all;
    }
    steps = List.copyOf(steps);
  }

  /**
   * A VM that boots and is migrated, with the newest QEMU that is known on a host that can do
   * everything.
   */
  public static Scenario bootAndMigrate(VmConfig vm) {
    return new Scenario("check", QemuProfile.newest(), vm, HostFacts.CAPABLE, steps(vm));
  }

  /** The guest of a VM whose devices fail over is taken for one that knows how to. */
  private static List<Step> steps(VmConfig vm) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step.Boot());
    if (vm.devices().stream().anyMatch(device -> device.setting("failover_pair_id").isPresent())) {
      steps.add(new Step.AcceptStandby());
    }
    steps.add(new Step.Snapshot());
    steps.add(new Step.Migrate(Set.of(), false));
    return steps;
  }

  /** The same on another release. */
  public Scenario withProfile(QemuProfile other) {
    return new Scenario(id, other, vm, host, steps);
  }

  /** The same with another VM. */
  public Scenario withVm(VmConfig other) {
    return new Scenario(id, profile, other, host, steps);
  }

  /** The same on another host. */
  public Scenario withHost(HostFacts other) {
    return new Scenario(id, profile, vm, other, steps);
  }

  /** The same with other steps. */
  public Scenario withSteps(List<Step> other) {
    return new Scenario(id, profile, vm, host, other);
  }
}
