package io.github.stopcopy.core.profile;

import io.github.stopcopy.core.error.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The QEMU releases that the model can play, oldest first. Each module maps a profile once to its
 * own record of behaviours, in which every behaviour says {@linkplain #isFrom from which release
 * on} it holds; nobody else compares releases. The order of the constants is that of the releases.
 */
public enum QemuProfile {
  /** QEMU 8.1, the release (R-REL-1 .. R-REL-6). */
  V8_1("8.1", 8, 1),
  /**
   * QEMU 8.1.50, on the way to 8.2, of which it has the machine types, with the RFC's option {@code
   * x-migration-iommu-pt}.
   */
  V8_1_IOMMU_PT("8.1-iommu-pt", 8, 2),
  /** QEMU 8.2. */
  V8_2("8.2", 8, 2),
  /** QEMU 9.0. */
  V9_0("9.0", 9, 0),
  /** QEMU 9.1. */
  V9_1("9.1", 9, 1),
  /** QEMU 9.2. */
  V9_2("9.2", 9, 2),
  /** QEMU 10.0, as its last stable release 10.0.13 is (R-REL-40). */
  V10_0("10.0", 10, 0),
  /** QEMU 10.1. */
  V10_1("10.1", 10, 1),
  /** QEMU 10.2. */
  V10_2("10.2", 10, 2),
  /** QEMU 11.0. */
  V11_0("11.0", 11, 0),
  /** QEMU 11.1. */
  V11_1("11.1", 11, 1);

  /** The releases of which a binary was recorded. */
  private static final List<QemuProfile> RECORDED = List.of(V8_1_IOMMU_PT, V10_0, V10_2, V11_1);

  private final String id;
  private final int major;
  private final int minor;

  QemuProfile(String id, int major, int minor) {
    this.id = id;
    this.major = major;
    this.minor = minor;
  }

  /**
   * A profile chosen for what a user asked.
   *
   * @param profile the profile to answer with
   * @param warning what to tell the user if it is not exactly what was asked
   */
  public record Choice(QemuProfile profile, Optional<String> warning) {}

  /** The name on the command line and in scenarios. */
  public String id() {
    return id;
  }

  /** Whether the answers were held against a real binary. */
  public boolean isRecorded() {
    return RECORDED.contains(this);
  }

  /** The newest release that is known. */
  public static QemuProfile newest() {
    return values()[values().length - 1];
  }

  /**
   * Whether it is that release or a later one; for tables that say from which release on something
   * holds.
   */
  public boolean isFrom(QemuProfile release) {
    return compareTo(release) >= 0;
  }

  /** Whether it has machine types of this version: those up to its own. */
  public boolean hasMachinesOf(int version, int subversion) {
    return major > version || major == version && minor >= subversion;
  }

  /** Whether the release knows unmergeable regions (R-AS-36). */
  public boolean hasUnmergeableRegions() {
    return isFrom(V8_2);
  }

  /**
   * The profile with this name, or for the release that a text names: {@code 10.0.13}, {@code
   * 9.1.0-15.el9}, {@code Debian 1:10.0.13+ds}, or libvirt's number {@code 9001000}. A development
   * version such as 9.2.50 counts as the release that it became. A release that is newer than all
   * known ones, or that never was, is answered with the nearest older profile and a warning.
   *
   * @throws InputException if the text names no release, or one before 8.1
   */
  public static Choice choose(String text) throws InputException {
    for (QemuProfile profile : values()) {
      if (profile.id.equals(text)) {
        return new Choice(profile, profile.warning());
      }
    }
    ReleaseNumber asked =
        ReleaseNumber.find(text)
            .orElseThrow(() ->
                InputException.of(
                    "unknown QEMU version '"
                        + shortened(text)
                        + "', expected one of "
                        + Arrays.toString(ids())
                        + " or a release number from 8.1 on"));
    QemuProfile nearest = null;
    for (QemuProfile profile : values()) {
      if (profile != V8_1_IOMMU_PT && !asked.isBefore(profile.major, profile.minor)) {
        nearest = profile;
      }
    }
    if (nearest == null) {
      throw InputException.of("QEMU " + asked + " is not modelled, expected 8.1 or newer");
    }
    boolean newer = nearest == newest();
    if (asked.isDevelopment() && !newer) {
      nearest = releaseAfter(nearest);
    } else if (asked.major() == nearest.major && asked.minor() == nearest.minor) {
      return new Choice(nearest, nearest.warning());
    }
    String how =
        newer
            ? " is newer than all that is known and answered with the profile "
            : asked.isDevelopment()
                ? " is answered with the profile "
                : " is answered with the nearest older profile, ";
    String warning =
        "QEMU " + asked + how + nearest.id + nearest.warning().map(more -> "; " + more).orElse("");
    return new Choice(nearest, Optional.of(warning));
  }

  private static QemuProfile releaseAfter(QemuProfile profile) {
    for (QemuProfile later : values()) {
      if (later != V8_1_IOMMU_PT && later.compareTo(profile) > 0) {
        return later;
      }
    }
    return profile;
  }

  /** What to tell users of answers with this profile: that they were not held against a binary. */
  public Optional<String> warning() {
    return isRecorded()
        ? Optional.empty()
        : Optional.of(
            "profile " + id + " is not recorded: it follows merged patches, not a binary");
  }

  private static String[] ids() {
    return Arrays.stream(values()).map(QemuProfile::id).toArray(String[]::new);
  }

  private static String shortened(String text) {
    int most = 60;
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }

  @Override
  public String toString() {
    return id;
  }
}
