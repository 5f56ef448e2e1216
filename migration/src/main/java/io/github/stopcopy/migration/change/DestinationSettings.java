package io.github.stopcopy.migration.change;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.destination.Destination;
import io.github.stopcopy.migration.remedy.RemedyChange;

/** Changes a destination: its release, or the driver of a device there. */
final class DestinationSettings {

  private DestinationSettings() {}

  static Destination set(Destination destination, RemedyChange.Set set) throws InputException {
    return set.property().equals("profile")
        ? destination.withProfile(QemuProfile.choose(set.value()).profile())
        : destination.withHost(HostSettings.set(destination.host(), set));
  }
}
