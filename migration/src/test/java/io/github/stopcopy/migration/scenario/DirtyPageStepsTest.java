package io.github.stopcopy.migration.scenario;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.finish;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Devices write, and the iterations of a migration find it. */
class DirtyPageStepsTest {

  private static final Step SYNC = new Step.Sync();

  private static Step write(String device, long iova, long length) {
    return new Step.DmaWrite(device, new AddressRange(iova, iova + length - 1));
  }

  private static List<List<AddressRange>> found(Story story) {
    return story.answers().stream()
        .filter(answer -> answer.step().equals("sync"))
        .map(StepAnswer::dirtyPages)
        .toList();
  }

  private static AddressRange pages(long first, long count) {
    return AddressRange.ofSize(first, ByteSize.of(count * 4096));
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_DT_60_everySyncTellsWhatWasWrittenSinceTheLast(QemuProfile profile) throws Exception {
    Story story =
        play(
            profile,
            q35(vfio(A)),
            write("v1", 0, 1),
            hold(),
            SYNC,
            write("v1", 0x7000, 1),
            write(A, 0x5fff, 2),
            SYNC,
            SYNC,
            write("v1", 0x7fffffffL, 1),
            SYNC,
            finish());

    assertThat(found(story))
        .containsExactly(
            List.of(), List.of(pages(0x5000, 3)), List.of(), List.of(pages(0x7ffff000L, 1)));
    assertThat(story.vm().migrationStatus()).isEqualTo(MigrationStatus.COMPLETED);
    assertThat(story.answers())
        .filteredOn(a -> a.step().equals("sync"))
        .allSatisfy(answer -> {
          assertThat(answer.query()).isEmpty();
          assertThat(answer.errors()).isEmpty();
        });
  }

  @Test
  void R_DT_24_aContainerThatTracksFindsAllThatIsMapped() throws Exception {
    HostFacts facts = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    Story story =
        play(QemuProfile.V10_2, q35(vfio(A, "enable-migration=on")), facts, hold(), SYNC, SYNC);

    List<AddressRange> all = List.of(AddressRange.ofSize(0, ByteSize.of(2 * GIB)));
    assertThat(found(story)).containsExactly(all, all);
  }

  @Test
  void withoutAMigrationNobodyTracks() throws Exception {
    Story story = play(QemuProfile.V10_2, q35(vfio(A)), write("v1", 0, 4096), SYNC);
    assertThat(found(story)).containsExactly(List.of());
  }

  /** Q-20 aside, a write beyond what is mapped reaches nothing. */
  @Test
  void whatIsNotMappedCannotBeWritten() throws Exception {
    Story story =
        play(QemuProfile.V10_2, q35(vfio(A)), hold(), write("v1", 0x80000000L, 4096), SYNC);
    assertThat(found(story)).containsExactly(List.of());
  }

  @ParameterizedTest
  @EnumSource(value = QemuProfile.class, names = "V8_1_IOMMU_PT")
  void R_MIG_13_aSyncThatFailsEndsTheMigrationAtTheEndOfTheIteration(QemuProfile profile)
      throws Exception {
    HostFacts facts =
        host(Map.of(A, can(P2P, logging(Optional.empty(), Optional.of(Errno.EIO), 0))));
    Story story = play(profile, q35(vfio(A)), facts, hold(), SYNC, finish());

    assertThat(story.answers().get(2).errors())
        .contains("vfio: Failed to sync dirty bitmap, err: -5 (Input/output error)");
    assertThat(story.answers().get(2).dirtyPages()).isEmpty();
    assertThat(story.vm().migrationStatus()).isEqualTo(MigrationStatus.FAILED);
  }

  @Test
  void aDeviceThatIsNotThereOrStoppedCannotWrite() {
    assertThatThrownBy(() -> play(QemuProfile.V10_2, q35(vfio(A)), write("v9", 0, 1)))
        .isInstanceOf(InputException.class)
        .hasMessage("step 2: device 'v9' is no VFIO device of this VM");
    assertThatThrownBy(() -> play(QemuProfile.V10_2, q35(vfio(A)), migrate(), write("v1", 0, 1)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("step 3: " + A + " is ")
        .hasMessageEndingWith(" and cannot write");
  }
}
