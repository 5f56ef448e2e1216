package io.github.stopcopy.vfiopci.event;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.VfioDeviceState;

/** Why VFIO lets a migration fail, or QEMU abort. QEMU's own texts often do not say. */
public sealed interface FailureCause {

  /** The cause in a few words, for traces. */
  String describe();

  /** The guest used the vIOMMU for DMA when tracking was to start (R-DT-31). */
  record VirtualIommuInUse() implements FailureCause {
    @Override
    public String describe() {
      return "the vIOMMU is in use";
    }
  }

  /**
   * The guest began to use the vIOMMU for DMA while the migration ran (R-LST-25).
   *
   * @param range the section that is translated since
   */
  record VirtualIommuUsedMidway(AddressRange range) implements FailureCause {
    @Override
    public String describe() {
      return "the vIOMMU is in use, section " + range + " is translated";
    }
  }

  /** There was no range to track (R-DT-11). */
  record NothingToTrack() implements FailureCause {
    @Override
    public String describe() {
      return "there is nothing to track";
    }
  }

  /**
   * A device refused to log its writes (R-DT-33).
   *
   * @param device its name
   * @param errno why
   */
  record LoggingRefused(String device, Errno errno) implements FailureCause {
    @Override
    public String describe() {
      return device + " does not log its writes: " + errno.text();
    }
  }

  /**
   * A container refused to track dirty pages (R-DT-24).
   *
   * @param container its number
   * @param errno why
   */
  record ContainerTrackingRefused(int container, Errno errno) implements FailureCause {
    @Override
    public String describe() {
      return "container " + container + " does not track dirty pages: " + errno.text();
    }
  }

  /**
   * Dirty pages could not be read (R-DT-58).
   *
   * @param container the number of the container
   */
  record DirtyPagesNotRead(int container) implements FailureCause {
    @Override
    public String describe() {
      return "container " + container + ": dirty pages cannot be read";
    }
  }

  /**
   * A translation of the vIOMMU could not be followed (R-LST-70, R-LST-73).
   *
   * @param container the number of the container
   */
  record TranslationNotFollowed(int container) implements FailureCause {
    @Override
    public String describe() {
      return "container " + container + ": a translation cannot be followed";
    }
  }

  /**
   * A device refused a state that the migration needs (R-MIG-43).
   *
   * @param device its name
   * @param wanted the state
   * @param errno why
   */
  record StateRefused(String device, VfioDeviceState wanted, Errno errno) implements FailureCause {
    @Override
    public String describe() {
      return device + " does not go to " + wanted + ": " + errno.text();
    }
  }

  /**
   * A device is in a state from which a migration cannot be set up.
   *
   * @param device its name
   * @param state the state
   */
  record UnfitState(String device, VfioDeviceState state) implements FailureCause {
    @Override
    public String describe() {
      return device + " is in " + state;
    }
  }

  /**
   * A device is to send its state through channels of multifd, which is off (R-OBS-167).
   *
   * @param device its name
   */
  record MultifdMissing(String device) implements FailureCause {
    @Override
    public String describe() {
      return device + " needs the capability multifd";
    }
  }

  /**
   * Memory of the running guest could not be mapped; QEMU aborts (R-LST-61).
   *
   * @param container the number of the container
   */
  record MemoryNotMapped(int container) implements FailureCause {
    @Override
    public String describe() {
      return "container " + container + ": memory cannot be mapped";
    }
  }

  /**
   * A device refused a state and then its reset; QEMU aborts (R-MIG-43).
   *
   * @param device its name
   * @param errno why it was not reset
   */
  record ResetRefused(String device, Errno errno) implements FailureCause {
    @Override
    public String describe() {
      return device + " cannot be reset: " + errno.text();
    }
  }
}
