package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.Optional;

/**
 * Finds the files that {@code -readconfig} names, which are part of the command line. Called while
 * a command line is read, in the order in which it names them.
 */
@FunctionalInterface
public interface ConfigFiles {

  /** There are none; a command line that names one cannot be read. */
  ConfigFiles NONE = path -> Optional.empty();

  /**
   * A file.
   *
   * @param source its name, for messages
   * @param text what is in it
   */
  record ConfigFile(String source, String text) {}

  /**
   * The file of this name.
   *
   * @param path as the command line has it
   * @return empty if it is not at hand
   * @throws InputException if it is, but cannot be read
   */
  Optional<ConfigFile> find(String path) throws InputException;
}
