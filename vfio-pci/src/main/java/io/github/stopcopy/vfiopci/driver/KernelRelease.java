package io.github.stopcopy.vfiopci.driver;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A release of Linux, such as 6.12. Immutable.
 *
 * @param major the first number
 * @param minor the second
 */
public record KernelRelease(int major, int minor) implements Comparable<KernelRelease> {

  private static final Pattern UNAME = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?![0-9]).*");

  /** What {@code uname -r} prints, such as {@code 6.12.1-amd64}; empty if it is no release. */
  public static Optional<KernelRelease> read(String uname) {
    Matcher numbers = UNAME.matcher(uname);
    return numbers.matches()
        ? Optional.of(
            new KernelRelease(
                Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2))))
        : Optional.empty();
  }

  @Override
  public int compareTo(KernelRelease other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
