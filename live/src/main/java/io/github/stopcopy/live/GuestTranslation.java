package io.github.stopcopy.live;

import io.github.stopcopy.qemu.mtree.AddressSpaceRef;
import io.github.stopcopy.qemu.mtree.MtreeDump;
import io.github.stopcopy.qemu.mtree.MtreeFlatView;
import java.util.HashSet;
import java.util.Set;

/**
 * What the guest does with an Intel vIOMMU, by the flat views of its address spaces (R-LIVE, B1).
 * They are named by slot and function only, so that two buses can share a name.
 */
final class GuestTranslation {

  private static final String SPACE = "vtd-root";
  private static final String NAME = "vtd-";
  private static final String TRANSLATED = "-dmar";

  private final Set<String> translated = new HashSet<>();
  private final Set<String> passedThrough = new HashSet<>();

  GuestTranslation(MtreeDump layout) {
    for (MtreeFlatView view : layout.views()) {
      boolean isTranslated = view.rootRegion().orElse("").endsWith(TRANSLATED);
      for (AddressSpaceRef space : view.addressSpaces()) {
        if (space.name().equals(SPACE) && space.root().startsWith(NAME)) {
          String place = space.root().substring(NAME.length());
          (isTranslated ? translated : passedThrough).add(place);
        }
      }
    }
  }

  /** Whether the guest's tables are in use for anything. */
  boolean isOn() {
    return !translated.isEmpty();
  }

  /** Whether the vIOMMU sees a device with this slot and function. */
  boolean knows(long devfn) {
    return translated.contains(place(devfn)) || passedThrough.contains(place(devfn));
  }

  /** Whether they surely are for a device with this slot and function. */
  boolean isOnFor(long devfn) {
    return translated.contains(place(devfn)) && !passedThrough.contains(place(devfn));
  }

  /** Whether it cannot be told which of several devices with this slot and function it is. */
  boolean isOpenFor(long devfn) {
    return translated.contains(place(devfn)) && passedThrough.contains(place(devfn));
  }

  private static String place(long devfn) {
    return String.format("%02x.%x", devfn >> 3 & 31, devfn & 7);
  }
}
