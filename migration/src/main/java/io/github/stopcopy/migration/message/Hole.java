package io.github.stopcopy.migration.message;

import java.util.Locale;
import java.util.Optional;

/** What stands in a message where it is another word each time. */
enum Hole {
  /** The name of a device: a PCI address, a UUID, or whatever sysfs calls it. */
  DEVICE(255) {
    @Override
    boolean takes(char c) {
      return Hole.isLetterOrDigit(c) || c == ':' || c == '.' || c == '-' || c == '_';
    }
  },
  /** A decimal number, also a negative one. */
  NUMBER(24) {
    @Override
    boolean takes(char c) {
      return c >= '0' && c <= '9' || c == '-';
    }
  },
  /** A hexadecimal number, with 0x or without. */
  HEX(24) {
    @Override
    boolean takes(char c) {
      return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c == 'x';
    }
  },
  /** A pointer of the process that printed it, or {@code PTR} where somebody took it out. */
  PTR(24) {
    @Override
    boolean takes(char c) {
      return HEX.takes(c)
          || c == 'P'
          || c == 'T'
          || c == 'R'
          || c == '('
          || c == ')'
          || c == 'n'
          || c == 'i'
          || c == 'l';
    }
  },
  /** The text of an errno, or of a state. */
  WORDS(80) {
    @Override
    boolean takes(char c) {
      return Hole.isLetterOrDigit(c) || c == ' ' || c == '/' || c == '_' || c == '-' || c == '\'';
    }
  },
  /** One word without blanks and quotes. */
  WORD(255) {
    @Override
    boolean takes(char c) {
      return c > ' ' && c != '\'' && c != '"';
    }
  },
  /** Anything up to where the message goes on, or up to where whoever quotes it ends. */
  TEXT(512) {
    @Override
    boolean takes(char c) {
      return c != '"' && c != ';' && c >= ' ';
    }
  };

  private final int longest;

  Hole(int longest) {
    this.longest = longest;
  }

  abstract boolean takes(char c);

  private static boolean isLetterOrDigit(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  /** How many characters it takes at most, so that looking for its end never costs more. */
  int longest() {
    return longest;
  }

  /** The hole with this name, in small letters. */
  static Optional<Hole> named(String name) {
    for (Hole hole : values()) {
      if (hole.name().toLowerCase(Locale.ROOT).equals(name)) {
        return Optional.of(hole);
      }
    }
    return Optional.empty();
  }

  /** The end of what it takes from here on. */
  int endOf(String line, int from) {
    int end = from;
    while (end < line.length() && end - from < longest && takes(line.charAt(end))) {
      end++;
    }
    return end;
  }

  /** The beginning of what it takes before here. */
  int beginOf(String line, int until) {
    int begin = until;
    while (begin > 0 && until - begin < longest && takes(line.charAt(begin - 1))) {
      begin--;
    }
    return begin;
  }
}
