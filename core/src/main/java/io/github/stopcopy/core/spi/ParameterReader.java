package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.property.SizeText;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads what a user set for a plugin.
 *
 * @param parameters the texts by name
 */
record ParameterReader(Map<String, String> parameters) {

  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,100}");

  void allowOnly(String... known) throws InputException {
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

  long bytes(String name, long absent) throws InputException {
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

  long pageSize(String name, long absent) throws InputException {
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

  int number(String name, int absent, int least, int most) throws InputException {
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
