package io.github.stopcopy.vfiopci.kernel;

import static io.github.stopcopy.core.host.VfioDeviceState.ERROR;
import static io.github.stopcopy.core.host.VfioDeviceState.PRE_COPY;
import static io.github.stopcopy.core.host.VfioDeviceState.PRE_COPY_P2P;
import static io.github.stopcopy.core.host.VfioDeviceState.RESUMING;
import static io.github.stopcopy.core.host.VfioDeviceState.RUNNING;
import static io.github.stopcopy.core.host.VfioDeviceState.RUNNING_P2P;
import static io.github.stopcopy.core.host.VfioDeviceState.STOP;
import static io.github.stopcopy.core.host.VfioDeviceState.STOP_COPY;

import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.VfioDeviceState;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The kernel's table of device state transitions (R-MIG-40, R-MIG-41). */
final class DeviceStateArcs {

  /** The columns of the table. */
  private static final VfioDeviceState[] WANTED = {
    STOP, RUNNING, PRE_COPY, PRE_COPY_P2P, STOP_COPY, RESUMING, RUNNING_P2P
  };

  /** The next state on the way; ERROR where the kernel refuses. */
  private static final Map<VfioDeviceState, VfioDeviceState[]> NEXT =
      new EnumMap<>(VfioDeviceState.class);

  static {
    row(STOP, STOP, RUNNING_P2P, RUNNING_P2P, RUNNING_P2P, STOP_COPY, RESUMING, RUNNING_P2P);
    row(
        RUNNING,
        RUNNING_P2P,
        RUNNING,
        PRE_COPY,
        RUNNING_P2P,
        RUNNING_P2P,
        RUNNING_P2P,
        RUNNING_P2P);
    row(PRE_COPY, RUNNING, RUNNING, PRE_COPY, PRE_COPY_P2P, PRE_COPY_P2P, RUNNING, RUNNING);
    row(
        PRE_COPY_P2P,
        RUNNING_P2P,
        RUNNING_P2P,
        PRE_COPY,
        PRE_COPY_P2P,
        STOP_COPY,
        RUNNING_P2P,
        RUNNING_P2P);
    row(STOP_COPY, STOP, STOP, ERROR, ERROR, STOP_COPY, STOP, STOP);
    row(RESUMING, STOP, STOP, STOP, STOP, STOP, RESUMING, STOP);
    row(RUNNING_P2P, STOP, RUNNING, RUNNING, PRE_COPY_P2P, STOP, STOP, RUNNING_P2P);
    row(ERROR, ERROR, ERROR, ERROR, ERROR, ERROR, ERROR, ERROR);
  }

  private DeviceStateArcs() {}

  /** Whether the kernel moves a device of this kind from one state to another. */
  static boolean isReachable(VfioDeviceState from, VfioDeviceState to, MigrationSupport support) {
    if (to == ERROR || !isSupported(from, support) || !isSupported(to, support)) {
      return false;
    }
    VfioDeviceState state = from;
    do {
      state = next(state, to);
    } while (state != ERROR && state != to);
    return state == to;
  }

  private static boolean isSupported(VfioDeviceState state, MigrationSupport support) {
    return support.error().isEmpty()
        && support.stopCopy()
        && (support.p2p() || state != RUNNING_P2P && state != PRE_COPY_P2P)
        && (support.preCopy() || !state.isPreCopy());
  }

  private static VfioDeviceState next(VfioDeviceState from, VfioDeviceState to) {
    VfioDeviceState[] row = Objects.requireNonNull(NEXT.get(from));
    for (int column = 0; column < WANTED.length; column++) {
      if (WANTED[column] == to) {
        return row[column];
      }
    }
    return ERROR;
  }

  private static void row(VfioDeviceState from, VfioDeviceState... next) {
    NEXT.put(from, next);
  }
}
