package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the model says beside what a running QEMU says of its blockers (R-BLK-7). */
class BlockerComparisonTest {

  private static final String OF_A =
      A + ": Migration is currently not supported with vIOMMU enabled";
  private static final String OF_B =
      B + ": Migration is currently not supported with vIOMMU enabled";

  private static BlockerComparison compared(VmConfig vm, String... said) throws InputException {
    Verdict verdict =
        MigrationCheck.of(vm)
            .profile(QemuProfile.V10_2)
            .plugins(plugins())
            .ruleSets(RuleSets.of(List.of()))
            .remedies(false)
            .decide();
    return BlockerComparison.of(verdict, List.of(said), List.of(A, B));
  }

  @Test
  void theSameTextsAgreeInWhateverOrder() throws InputException {
    VmConfig vm = q35(intel(), vfio(A), vfio(B));
    BlockerComparison same = compared(vm, OF_B, OF_A);
    assertThat(same.predicted()).containsExactly(OF_A, OF_B);
    assertThat(same.actual()).containsExactly(OF_B, OF_A);
    assertThat(same.others()).isEmpty();
    assertThat(same.agrees()).isTrue();
    assertThat(compared(vm, OF_A).agrees()).isFalse();
    assertThat(compared(vm).agrees()).isFalse();
  }

  @Test
  void whatHasToDoWithNeitherVfioNorAVirtualIommuIsApart() throws InputException {
    String vfio = "Migration is not supported with VFIO";
    String viommu = "State blocked by non-migratable device 'amd-iommu'";
    String ofDevice = A + ": another reason";
    String disk = "The qcow format used by node 'disk' does not support live migration";
    String about = "disk of " + A + ": no";
    BlockerComparison compared = compared(q35(vfio(A)), disk, vfio, viommu, ofDevice, about);
    assertThat(compared.actual()).containsExactly(vfio, viommu, ofDevice);
    assertThat(compared.others()).containsExactly(disk, about);
    assertThat(compared.predicted()).isEmpty();
    assertThat(compared.agrees()).isFalse();
    assertThat(compared(q35(vfio(A)), disk).agrees()).isTrue();
  }

  @Test
  void whereTheModelsQemuDoesNotStartItSaysWhyAtLast() throws InputException {
    BlockerComparison compared = compared(q35(vfio(A), vfio(A)));
    assertThat(compared.predicted())
        .containsExactly("QEMU does not start: Duplicate device ID 'v1'");
    assertThat(compared.agrees()).isFalse();
  }
}
