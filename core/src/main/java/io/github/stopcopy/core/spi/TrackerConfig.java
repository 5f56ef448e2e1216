package io.github.stopcopy.core.spi;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.SizeText;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a tracker is opened with.
 *
 * @param device the name of the device, e.g. {@code 0000:01:00.0}; empty if a VM without VFIO
 *     devices is asked whether the parameters make sense
 * @param hostPageSize the page size of the host in bytes
 * @param parameters what the user set, by name; empty mostly
 */
public record TrackerConfig(String device, long hostPageSize, Map<String, String> parameters) {

  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,100}");

  /** Copies the parameters. */
  public TrackerConfig {
    parameters = ImmutableMap.copyOf(parameters);
  }

  /**
   * Refuses parameters that the tracker does not have.
   *
   * @throws InputException if there is one that is not among {@code known}
   */
  public void allowOnly(String... known) throws InputException {
    Set<String> names = new TreeSet<>(Set.of(known));
    for (String name : parameters.keySet()) {
      if (!names.contains(name)) {
        throw InputException.of(
            "parameter '"
                + name
                + "' is unknown, expected "
                + (names.isEmpty() ? "none" : "one of " + String.join(", ", names)));
      }
    }
  }

  /**
   * A parameter that is a size, written as QEMU writes sizes, e.g. {@code 64K}.
   *
   * @param absent bytes if it was not set
   * @return bytes, unsigned
   * @throws InputException if it is no size
   */
  public long bytes(String name, long absent) throws InputException {
    String text = parameters.get(name);
    if (text == null) {
      return absent;
    }
    Optional<Long> bytes = SizeText.parse(text, 'B');
    if (bytes.isEmpty()) {
      throw InputException.of(
          "parameter " + name + " is '" + text + "', expected a size such as 64K");
    }
    return bytes.get();
  }

  /**
   * A parameter that is a page size.
   *
   * @param absent bytes if it was not set
   * @throws InputException if it is no power of two from 4096 on
   */
  public long pageSize(String name, long absent) throws InputException {
    long bytes = bytes(name, absent);
    if (Long.bitCount(bytes) != 1 || bytes > 0 && bytes < 4096) {
      throw InputException.of(
          "parameter "
              + name
              + " is '"
              + parameters.get(name)
              + "', expected a power of two from 4096 on");
    }
    return bytes;
  }

  /**
   * A parameter that is a whole number, in decimal digits and with a minus at most.
   *
   * @param absent its value if it was not set
   * @throws InputException if it is no number from {@code least} to {@code most}
   */
  public int number(String name, int absent, int least, int most) throws InputException {
    String text = parameters.get(name);
    if (text == null) {
      return absent;
    }
    if (DECIMAL.matcher(text).matches()) {
      BigInteger number = new BigInteger(text);
      if (number.compareTo(BigInteger.valueOf(least)) >= 0
          && number.compareTo(BigInteger.valueOf(most)) <= 0) {
        return number.intValue();
      }
    }
    throw InputException.of(
        "parameter "
            + name
            + " is '"
            + text
            + "', expected a number from "
            + least
            + " to "
            + most);
  }
}
