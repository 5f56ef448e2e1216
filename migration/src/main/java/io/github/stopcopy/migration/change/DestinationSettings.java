package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.remedy.RemedyChange;

/** Changes a destination: its release, or the driver of a device there. */
final class DestinationSettings {

  private DestinationSettings() {}

  static Destination set(Destination destination, RemedyChange.Set set) throws InputException {
    if (set.property().equals("profile")) {
      return destination.withProfile(QemuProfile.choose(set.value()).profile());
    }
    HostSettings host = new HostSettings(destination.host());
    host.set(set);
    return destination.withHost(host.facts());
  }
}
