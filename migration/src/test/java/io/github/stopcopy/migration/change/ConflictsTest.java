package io.github.stopcopy.migration.change;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyChange.Add;
import io.github.stopcopy.migration.remedy.RemedyChange.Release;
import io.github.stopcopy.migration.remedy.RemedyChange.Remove;
import io.github.stopcopy.migration.remedy.RemedyChange.Replace;
import io.github.stopcopy.migration.remedy.RemedyChange.Set;
import io.github.stopcopy.migration.remedy.RemedyChange.Tracker;
import io.github.stopcopy.migration.remedy.RemedyChange.Unset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which changes make each other meaningless, whichever comes first. */
class ConflictsTest {

  private static final Action UNPLUG = new Action(Action.UNPLUG_FOR_MIGRATION);
  private static final Set ON = new Set("v1", "enable-migration", "on");

  private final Conflicts conflicts =
      new Conflicts(scenario(V10, q35(intel(), vfio(A), vfio(B)), HostFacts.CAPABLE));

  private void contradict(RemedyChange one, RemedyChange other) {
    assertThat(conflicts.between(List.of(one), List.of(other))).isTrue();
    assertThat(conflicts.between(List.of(other), List.of(one))).isTrue();
  }

  private void agree(RemedyChange one, RemedyChange other) {
    assertThat(conflicts.between(List.of(one), List.of(other))).isFalse();
    assertThat(conflicts.between(List.of(other), List.of(one))).isFalse();
  }

  @Test
  void aPropertyHasOneValueAndAVmOneRelease() {
    contradict(ON, new Set("v1", "enable-migration", "off"));
    contradict(ON, new Unset("v1", "enable-migration"));
    contradict(new Release(V10), new Release(V11));
    agree(ON, ON);
    agree(ON, new Set("v1", "x-no-mmap", "on"));
    agree(ON, new Set("v2", "enable-migration", "off"));
    agree(ON, new Release(V11));
    agree(ON, UNPLUG);
  }

  @Test
  void aTypeMeansAllItsDevices() {
    contradict(ON, new Set("vfio-pci", "enable-migration", "off"));
    contradict(new Set("vfio-pci", "iommufd", "i0"), new Unset("v2", "iommufd"));
  }

  @Test
  void whatGoesOrIsReplacedIsNotSet() {
    contradict(new Remove("v1"), ON);
    contradict(new Remove("vfio-pci"), ON);
    contradict(new Replace("intel-iommu", "virtio-iommu-pci"), new Set("intel-iommu", "eim", "on"));
    contradict(new Replace("intel-iommu", "virtio-iommu-pci"), new Remove("intel-iommu"));
    agree(new Remove("v2"), ON);
    agree(new Replace("v2", "x"), ON);
    agree(new Remove("v1"), new Release(V11));
    agree(new Replace("v1", "x"), new Release(V11));
  }

  @Test
  void aDeviceHasOneTrackerAndAVmOneNewVirtualIommu() {
    Tracker all = new Tracker("", "mlx5");
    contradict(all, new Tracker("", "pds"));
    contradict(all, new Tracker("v1", "pds"));
    contradict(new Tracker("v1", "mlx5"), new Tracker("v1", "pds"));
    contradict(new Tracker("v1", "mlx5"), new Remove("v1"));
    agree(new Tracker("v1", "mlx5"), new Tracker("v2", "pds"));
    agree(all, ON);
    contradict(new Add("a", Map.of()), new Add("a", Map.of("aw-bits", "48")));
    agree(new Add("a", Map.of()), ON);
  }

  /** With the action a removal chooses what is unplugged: another meaning than it has alone. */
  @Test
  void aRemovalIsNotJoinedWithAnUnplugThatWasMeantForAll() {
    contradict(new Remove("v1"), UNPLUG);
    agree(new Remove("v1"), new Action(Action.VIOMMU_FIRST));
    agree(UNPLUG, new Release(V11));
  }

  @Test
  void oneContradictionInListsIsEnough() {
    List<RemedyChange> some = List.of(new Release(V11), new Set("smp", "cpus", "2"));
    assertThat(conflicts.between(some, List.of(ON, new Set("smp", "cpus", "4")))).isTrue();
    assertThat(conflicts.between(some, List.of(ON, UNPLUG))).isFalse();
    assertThat(conflicts.between(some, List.of())).isFalse();
  }
}
