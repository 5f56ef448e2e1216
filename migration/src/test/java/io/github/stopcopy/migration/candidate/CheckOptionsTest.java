package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.SEED;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Add;
import io.github.stopcopy.migration.remedy.RemedyChange.Release;
import io.github.stopcopy.migration.remedy.RemedyChange.Remove;
import io.github.stopcopy.migration.remedy.RemedyChange.Set;
import io.github.stopcopy.migration.remedy.RemedyChange.Tracker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which options of the command make a change, if it has some for all of them. */
class CheckOptionsTest {

  private static Optional<String> of(RemedyChange... changes) {
    return CheckOptions.of(List.of(changes));
  }

  @Test
  void settingsAndTheReleaseAreOptions() {
    assertThat(of(new Release(SEED), new Set("v1", "x", "on"), new Set("v2", "y", "1")))
        .contains("--qemu-version 8.1-iommu-pt --set v1.x=on --set v2.y=1");
    assertThat(of(new Set("machine", "kernel-irqchip", "split")))
        .contains("--set machine.kernel-irqchip=split");
  }

  @Test
  void trackersAreOptionsToo() {
    assertThat(of(new Tracker("", "mlx5"), new Tracker("v1", "pds")))
        .contains("--tracker mlx5 --tracker v1=pds");
    assertThat(of(new Tracker("", "it's"))).contains("--tracker 'it'\\''s'");
  }

  @Test
  void whatHasNoOptionHasNoneAtAll() {
    assertThat(of(new Add("intel-iommu", Map.of()))).isEmpty();
    assertThat(of(new Remove("v1"))).isEmpty();
    assertThat(of(new Set("v1", "x", "on"), new Remove("v2"))).isEmpty();
    assertThat(of(new Set("host", "containers.iommu-dirty-tracking", "on"))).isEmpty();
    assertThat(of()).isEmpty();
  }

  @Test
  void ofTheDestinationOnlyItsReleaseHasAnOption() {
    assertThat(of(new Set("destination", "profile", "10.2"))).contains("--to-qemu 10.2");
    assertThat(of(new Set("destination", "devices.0000:01:00.0.driver", "vfio-pci"))).isEmpty();
    assertThat(of(new Set("migrate", "multifd", "on"))).isEmpty();
  }

  @Test
  void whatAShellWouldReadIsQuoted() {
    assertThat(of(new Set("v1", "x", "a b"))).contains("--set 'v1.x=a b'");
    assertThat(of(new Set("v1", "x", "it's"))).contains("--set 'v1.x=it'\\''s'");
  }
}
