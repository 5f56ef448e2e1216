package io.github.stopcopy.migration.destination;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;

/**
 * What becomes of a VM at its destination.
 *
 * @param profile the release there
 * @param outcome in one word
 * @param devices the devices whose states are sent, in the order sent
 */
public record Loading(QemuProfile profile, LoadOutcome outcome, List<LoadedDevice> devices) {

  /** Copies the devices. */
  public Loading {
    devices = List.copyOf(devices);
  }
}
