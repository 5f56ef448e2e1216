package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.error.InputException;

/**
 * Makes dirty trackers: the SPI for people who model how a device logs its writes. Found by {@link
 * java.util.ServiceLoader} or made with {@code new}; implementations are final, have a public
 * constructor without arguments, keep no state and are thread-safe.
 *
 * {@snippet file="LogTrackerProvider.java" region="tracker-provider"}
 */
public interface DirtyTrackerProvider {

  /**
   * The name by which users choose it, without {@code =} and {@code ,}. Two providers with one name
   * are an error.
   */
  String name();

  /** What it models, in one line for people. */
  String description();

  /**
   * Opens the tracker of one device, which logs nothing yet.
   *
   * @throws InputException if a parameter is unknown or makes no sense
   */
  DirtyTracker open(TrackerConfig config) throws InputException;
}
