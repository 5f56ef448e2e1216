package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.MemoryListener;
import java.util.Set;

/**
 * Makes memory listeners that look on: the SPI for people who want to know what devices can reach.
 * Found by {@link java.util.ServiceLoader} or made with {@code new}; implementations are final,
 * have a public constructor without arguments, keep no state and are thread-safe. They run only
 * when a user names them.
 *
 * <p>A listener of a device is told what VFIO's own listener for that device is told, in the same
 * transactions and before it acts (R-AS-50 .. R-AS-73); one of a device that joins a container is
 * told first what is there (R-AS-60), and when the device goes it is told that everything goes
 * (R-AS-61). It changes nothing: its priority and the error of its {@code logGlobalStart} count for
 * nothing, and it must not touch the regions it is shown. Once one throws, no listener of this
 * provider is called any more for that VM; the problem is told, and the answer stands.
 *
 * <p>A listener whose findings users are to see is a {@link ReportingListener}.
 *
 * {@snippet file="MappedRangesProvider.java" region="listener-provider"}
 */
public interface MemoryListenerProvider {

  /**
   * The name by which users choose it, without {@code =} and {@code ,}. Two providers with one name
   * are an error.
   */
  String name();

  /** What it shows, in one line for people. */
  String description();

  /** Whose address spaces it follows; those of devices by default. */
  default Set<ListenerScope> scopes() {
    return Set.of(ListenerScope.DEVICES);
  }

  /**
   * Opens a listener for one address space, which knows nothing yet. It is also called once before
   * the VM is booted, to see whether it takes the parameters.
   *
   * @throws InputException if a parameter is unknown or makes no sense
   */
  MemoryListener open(ListenerConfig config) throws InputException;
}
