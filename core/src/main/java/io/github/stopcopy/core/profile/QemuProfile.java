package io.github.stopcopy.core.profile;

import io.github.stopcopy.core.error.InputException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The QEMU releases that the model can play. Each module maps a profile once to its own record of
 * behaviours; nobody compares versions.
 */
public enum QemuProfile {
  /** Plain QEMU 8.1: as {@link #V8_1_IOMMU_PT}, without the option. */
  V8_1("8.1", 8, 1, true, false),
  /** QEMU 8.1.50 with the RFC's option {@code x-migration-iommu-pt}. */
  V8_1_IOMMU_PT("8.1-iommu-pt", 8, 1, true, false),
  /** QEMU 10.2. */
  V10_2("10.2", 10, 2, true, true),
  /** QEMU 11.0, known from merged patches only. */
  V11_0("11.0", 11, 0, false, true);

  private static final Pattern RELEASE =
      Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(\\.[0-9]{1,4})*");

  private final String id;
  private final int major;
  private final int minor;
  private final boolean recorded;
  private final boolean unmergeableRegions;

  QemuProfile(String id, int major, int minor, boolean recorded, boolean unmergeableRegions) {
    this.id = id;
    this.major = major;
    this.minor = minor;
    this.recorded = recorded;
    this.unmergeableRegions = unmergeableRegions;
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
    return recorded;
  }

  /** Whether the release knows unmergeable regions (R-AS-36). */
  public boolean hasUnmergeableRegions() {
    return unmergeableRegions;
  }

  /**
   * The profile with this name or this release, such as "10.2.0", or for any other release from 8.1
   * on the nearest older profile, with a warning that says so.
   *
   * @throws InputException if the text is neither, or names a release before 8.1
   */
  public static Choice choose(String text) throws InputException {
    for (QemuProfile profile : values()) {
      if (profile.id.equals(text) || text.equals(profile.major + "." + profile.minor + ".0")) {
        return new Choice(profile, profile.warning());
      }
    }
    Matcher release = RELEASE.matcher(text);
    if (!release.matches()) {
      throw InputException.of(
          "unknown QEMU version '"
              + text
              + "', expected one of "
              + Arrays.toString(ids())
              + " or a release number from 8.1 on");
    }
    int askedMajor = Integer.parseInt(release.group(1));
    int askedMinor = Integer.parseInt(release.group(2));
    QemuProfile nearest = null;
    for (QemuProfile profile : values()) {
      boolean plain = profile != V8_1_IOMMU_PT;
      boolean notNewer =
          profile.major < askedMajor || profile.major == askedMajor && profile.minor <= askedMinor;
      if (plain && notNewer) {
        nearest = profile;
      }
    }
    if (nearest == null) {
      throw InputException.of("QEMU " + text + " is not modelled, expected 8.1 or newer");
    }
    String warning =
        "QEMU "
            + text
            + " is answered with the nearest older profile, "
            + nearest.id
            + nearest.warning().map(more -> "; " + more).orElse("");
    return new Choice(nearest, Optional.of(warning));
  }

  /** What to tell users of answers with this profile: that they were not held against a binary. */
  public Optional<String> warning() {
    return recorded
        ? Optional.empty()
        : Optional.of(
            "profile " + id + " is not recorded: it follows merged patches, not a binary");
  }

  private static String[] ids() {
    return Arrays.stream(values()).map(QemuProfile::id).toArray(String[]::new);
  }

  @Override
  public String toString() {
    return id;
  }
}
