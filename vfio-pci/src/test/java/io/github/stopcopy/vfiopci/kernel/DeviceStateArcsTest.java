package io.github.stopcopy.vfiopci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the kernel's table for every set of capabilities (R-MIG-40, R-MIG-41). */
class DeviceStateArcsTest {

  private static List<MigrationSupport> supports() {
    List<MigrationSupport> all = new ArrayList<>();
    for (int bits = 0; bits < 8; bits++) {
      all.add(MigrationSupport.of((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));
    }
    return all;
  }

  static Stream<Arguments> cells() {
    List<Arguments> all = new ArrayList<>();
    for (MigrationSupport support : supports()) {
      for (VfioDeviceState from : VfioDeviceState.values()) {
        for (VfioDeviceState to : VfioDeviceState.values()) {
          all.add(Arguments.of(from, to, support));
        }
      }
    }
    return all.stream();
  }

  private static boolean has(MigrationSupport support, VfioDeviceState state) {
    return switch (state) {
      case ERROR -> true;
      case STOP, RUNNING, STOP_COPY, RESUMING -> support.stopCopy();
      case RUNNING_P2P -> support.stopCopy() && support.p2p();
      case PRE_COPY -> support.stopCopy() && support.preCopy();
      case PRE_COPY_P2P -> support.stopCopy() && support.p2p() && support.preCopy();
    };
  }

  /** All states can be reached from all, but from ERROR, and pre-copy from STOP_COPY. */
  @ParameterizedTest(name = "{0} to {1} with {2}")
  @MethodSource("cells")
  void R_MIG_40_R_MIG_41(VfioDeviceState from, VfioDeviceState to, MigrationSupport support) {
    boolean refusedByTable =
        from == VfioDeviceState.ERROR
            || to == VfioDeviceState.ERROR
            || from == VfioDeviceState.STOP_COPY && to.isPreCopy();
    assertThat(DeviceStateArcs.isReachable(from, to, support))
        .isEqualTo(!refusedByTable && support.stopCopy() && has(support, from) && has(support, to));
  }

  @Test
  void R_MIG_41_withoutMigrationNothingIsReached() {
    MigrationSupport none = MigrationSupport.failing(Errno.ENOTTY);
    assertThat(DeviceStateArcs.isReachable(VfioDeviceState.RUNNING, VfioDeviceState.STOP, none))
        .isFalse();
  }
}
