package io.github.stopcopy.json;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.List;
import java.util.Optional;

/**
 * Makes the VM of a scenario from the texts in it, which are QEMU's and no JSON. The module {@code
 * io.github.stopcopy.qemu} reads both.
 */
@FunctionalInterface
public interface VmReader {

  /**
   * The VM.
   *
   * @param argv the words behind the name of the program
   * @param mtree what {@code info mtree -f} printed once the firmware had finished, if that is
   *     known
   * @throws InputException if one of them cannot be read; a source in it, such as {@code mtree},
   *     names the key
   */
  VmConfig read(List<String> argv, Optional<String> mtree) throws InputException;

  /**
   * A memory dump with these characters that it was given before, so that it need not be made anew
   * for each of many scenarios with the same; by default none is known.
   *
   * @param characters the buffer that holds the text, which must not be kept
   * @param first the index of its first character
   * @param length how many characters it has
   */
  default Optional<String> known(char[] characters, int first, int length) {
    return Optional.empty();
  }
}
