package io.github.stopcopy.vfiopci.tracking;

/** What tracking of one container asks about all devices of the VM. */
public interface VmDevices {

  /** How many devices of which kind the VM has. */
  DeviceCounts counts();

  /** Whether the option that lets devices pass the vIOMMU is on for all that count (R-BLK-30). */
  boolean allIommuPassthrough();

  /** Whether sections of any container are translated. */
  boolean isAnyContainerTranslated();
}
