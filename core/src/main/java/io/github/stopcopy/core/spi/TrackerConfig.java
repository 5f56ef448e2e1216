package io.github.stopcopy.core.spi;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.InputException;
import java.util.Map;

/**
 * What a tracker is opened with.
 *
 * @param device the name of the device, e.g. {@code 0000:01:00.0}; empty if a VM without VFIO
 *     devices is asked whether the parameters make sense
 * @param hostPageSize the page size of the host in bytes
 * @param parameters what the user set, by name; empty mostly
 */
public record TrackerConfig(String device, long hostPageSize, Map<String, String> parameters) {

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
    new ParameterReader(parameters).allowOnly(known);
  }

  /**
   * A parameter that is a size, written as QEMU writes sizes, e.g. {@code 64K}.
   *
   * @param absent bytes if it was not set
   * @return bytes, unsigned
   * @throws InputException if it is no size
   */
  public long bytes(String name, long absent) throws InputException {
    return new ParameterReader(parameters).bytes(name, absent);
  }

  /**
   * A parameter that is a page size.
   *
   * @param absent bytes if it was not set
   * @throws InputException if it is no power of two from 4096 on
   */
  public long pageSize(String name, long absent) throws InputException {
    return new ParameterReader(parameters).pageSize(name, absent);
  }

  /**
   * A parameter that is a whole number, in decimal digits and with a minus at most.
   *
   * @param absent its value if it was not set
   * @throws InputException if it is no number from {@code least} to {@code most}
   */
  public int number(String name, int absent, int least, int most) throws InputException {
    return new ParameterReader(parameters).number(name, absent, least, most);
  }
}
