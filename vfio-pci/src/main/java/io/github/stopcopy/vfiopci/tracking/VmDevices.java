package io.github.stopcopy.vfiopci.tracking;

import java.util.List;

/** What tracking of one container asks about all devices of the VM. */
public interface VmDevices {

  /** Every device, the newest group and in it the newest device first (R-DT-33). */
  List<? extends TrackedDevice> devices();

  /** Whether the option that lets devices pass the vIOMMU is on for all that count (R-BLK-30). */
  boolean allIommuPassthrough();

  /** Whether sections of any container are translated. */
  boolean isAnyContainerTranslated();
}
