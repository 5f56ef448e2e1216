package io.github.stopcopy.vfiopci.mapping;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/** Whom the memory listener tells when tracking of dirty pages begins, ends or is in danger. */
public interface TrackingSwitch {

  /** Starts tracking; the answer is the error that the migration fails with. */
  Optional<QemuError> start();

  /** Stops tracking. */
  void stop();

  /**
   * The vIOMMU translates a section from now on, which a migration may not survive (R-LST-25).
   *
   * @param range the I/O virtual addresses
   */
  void translatedSectionAdded(AddressRange range);
}
