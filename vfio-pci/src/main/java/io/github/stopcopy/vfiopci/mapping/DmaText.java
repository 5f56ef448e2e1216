package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;

/**
 * The texts of failing maps and unmaps; host pointers are written {@code PTR} (R-OBS-3, R-LST-44).
 */
public final class DmaText {

  private DmaText() {}

  static QemuError mapFailed(VfioBehaviour behaviour, long iova, long size, Errno errno) {
    return QemuError.of(
        errno,
        behaviour.mapFunction()
            + "(PTR, "
            + U64.hex(iova)
            + ", "
            + U64.hex(size)
            + ", PTR) = "
            + negative(errno));
  }

  static QemuError unmapFailed(VfioBehaviour behaviour, long iova, String size, Errno errno) {
    return QemuError.of(
        errno,
        behaviour.unmapFunction()
            + "(PTR, "
            + U64.hex(iova)
            + ", "
            + size
            + ") = "
            + negative(errno));
  }

  /** {@code -22 (Invalid argument)}. */
  public static String negative(Errno errno) {
    return -errno.number() + " (" + errno.text() + ")";
  }
}
