package io.github.stopcopy.migration.remedy;

/** What a remedy asks of the people who run the VM, the cheapest first. */
public enum RemedyNeed {
  /** Devices leave the VM for the migration and come back after it. */
  UNPLUG("unplug"),
  /** The VM is stopped and started with other options. */
  RESTART("restart"),
  /** A release of QEMU that is newer than the one that was asked about. */
  NEWER_QEMU("newer-qemu"),
  /** The host changes: its kernel, its drivers, its hardware. */
  HOST_CHANGE("host-change"),
  /** The guest's operating system must know or do something. */
  GUEST_CHANGE("guest-change"),
  /** A patch that no release of QEMU contains. */
  UNMERGED_PATCH("unmerged-patch");

  private final String word;

  RemedyNeed(String word) {
    this.word = word;
  }

  /** The stable word in JSON. */
  public String word() {
    return word;
  }
}
