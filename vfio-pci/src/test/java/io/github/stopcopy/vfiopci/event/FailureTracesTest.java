package io.github.stopcopy.vfiopci.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.VfioDeviceState;
import org.junit.jupiter.api.Test;

/**
 * What a trace says where QEMU's own text often says nothing: who failed, at what, and the kernel's
 * reason.
 */
class FailureTracesTest {

  private static String trace(FailureCause cause) {
    return new VfioEvent.Failed(cause, "").describe();
  }

  @Test
  void R_DT_31_aVirtualIommuInUseAtTheStart() {
    assertThat(trace(new FailureCause.VirtualIommuInUse()))
        .isEqualTo("vfio failure: the vIOMMU is in use");
  }

  @Test
  void R_LST_25_aVirtualIommuThatIsUsedMidwayNamesTheSection() {
    assertThat(trace(new FailureCause.VirtualIommuUsedMidway(new AddressRange(0, 0xfff))))
        .isEqualTo("vfio failure: the vIOMMU is in use, section [0x0,0xfff] is translated");
  }

  @Test
  void R_DT_11_noRangeToTrack() {
    assertThat(trace(new FailureCause.NothingToTrack()))
        .isEqualTo("vfio failure: there is nothing to track");
  }

  @Test
  void R_DT_33_aDeviceThatDoesNotLogIsNamedWithItsError() {
    assertThat(trace(new FailureCause.LoggingRefused("0000:01:00.0", Errno.EOPNOTSUPP)))
        .isEqualTo("vfio failure: 0000:01:00.0 does not log its writes: Operation not supported");
  }

  @Test
  void R_DT_24_aContainerThatDoesNotTrackIsNumberedWithItsError() {
    assertThat(trace(new FailureCause.ContainerTrackingRefused(2, Errno.EINVAL)))
        .isEqualTo("vfio failure: container 2 does not track dirty pages: Invalid argument");
  }

  @Test
  void R_DT_58_dirtyPagesThatCannotBeReadNameTheContainer() {
    assertThat(trace(new FailureCause.DirtyPagesNotRead(1)))
        .isEqualTo("vfio failure: container 1: dirty pages cannot be read");
  }

  @Test
  void R_LST_70_aTranslationThatCannotBeFollowedNamesTheContainer() {
    assertThat(trace(new FailureCause.TranslationNotFollowed(1)))
        .isEqualTo("vfio failure: container 1: a translation cannot be followed");
  }

  @Test
  void R_LST_61_memoryThatCannotBeMappedNamesTheContainer() {
    assertThat(trace(new FailureCause.MemoryNotMapped(3)))
        .isEqualTo("vfio failure: container 3: memory cannot be mapped");
  }

  @Test
  void R_MIG_43_aStateThatADeviceRefusesIsNamed() {
    assertThat(
            trace(
                new FailureCause.StateRefused(
                    "0000:01:00.0", VfioDeviceState.STOP_COPY, Errno.EIO)))
        .isEqualTo("vfio failure: 0000:01:00.0 does not go to STOP_COPY: Input/output error");
    assertThat(trace(new FailureCause.ResetRefused("0000:01:00.0", Errno.EIO)))
        .isEqualTo("vfio failure: 0000:01:00.0 cannot be reset: Input/output error");
  }

  @Test
  void aStateThatNoMigrationStartsFromIsNamed() {
    assertThat(trace(new FailureCause.UnfitState("0000:01:00.0", VfioDeviceState.ERROR)))
        .isEqualTo("vfio failure: 0000:01:00.0 is in ERROR");
  }

  @Test
  void R_OBS_167_aDeviceThatNeedsMultifdIsNamed() {
    assertThat(trace(new FailureCause.MultifdMissing("0000:01:00.0")))
        .isEqualTo("vfio failure: 0000:01:00.0 needs the capability multifd");
  }

  @Test
  void aSectionThatWentIsNotOneThatCame() {
    AddressRange range = new AddressRange(0x1000, 0x1fff);
    assertThat(new VfioEvent.SectionChanged(0, true, range, "ram0").describe())
        .isEqualTo("container 0: region_add [0x1000,0x1fff] ram0");
    assertThat(new VfioEvent.SectionChanged(0, false, range, "ram0").describe())
        .isEqualTo("container 0: region_del [0x1000,0x1fff] ram0");
  }
}
