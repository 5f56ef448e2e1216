package io.github.stopcopy.qemu.mtree;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one row of a flat view: the fixed part from the front, then from the back (R-AS-103). */
final class RowText {

  private static final int DIGITS = 16;
  private static final int PRIORITY = 2 + DIGITS + 1 + DIGITS;
  private static final String BEFORE_PRIORITY = " (prio ";
  private static final String BEFORE_NAME = "): ";
  private static final int MOST_PRIORITY_CHARACTERS = 11;

  private static final Set<String> ACCELERATORS =
      Set.of(
          "KVM", "kvm", "TCG", "tcg", "HVF", "hvf", "HAX", "hax", "WHPX", "whpx", "NVMM", "nvmm",
          "MSHV", "mshv", "Xen", "xen");

  private static final int LONGEST_ACCELERATOR = 5;

  private RowText() {}

  /** Whether a line begins as a row does, whatever is wrong with the rest. */
  static boolean looksLikeRow(String line) {
    return isRange(line, 0);
  }

  /** Whether a line begins as a row does where QEMU prints it. */
  static boolean isRow(String line) {
    return line.startsWith("  ") && isRange(line, 2);
  }

  private static boolean isRange(String line, int from) {
    return isHex(line, from)
        && line.startsWith("-", from + DIGITS)
        && isHex(line, from + DIGITS + 1)
        && line.startsWith(BEFORE_PRIORITY, from + 2 * DIGITS + 1);
  }

  /** The row, or null if the line is none. */
  static @Nullable MtreeRow read(String line) {
    if (!isRow(line)) {
      return null;
    }
    int number = PRIORITY + BEFORE_PRIORITY.length();
    int comma = line.indexOf(", ", number);
    int end = line.indexOf(BEFORE_NAME, number);
    if (comma < 0 || end < comma || !isPriority(line, number, comma)) {
      return null;
    }
    boolean nonvolatile = line.startsWith("nv-", comma + 2);
    Optional<RowType> type = RowType.find(line.substring(comma + (nonvolatile ? 5 : 2), end));
    long first = hex(line, 2);
    long last = hex(line, 3 + DIGITS);
    long priority = decimal(line, number, comma);
    if (type.isEmpty() || U64.less(last, first) || priority != (int) priority) {
      return null;
    }
    List<String> accelerators = new ArrayList<>();
    String name =
        withoutOwner(withoutAccelerators(line.substring(end + BEFORE_NAME.length()), accelerators));
    long offset = 0;
    int at = name.length() - DIGITS;
    if (at >= 2 && name.startsWith(" @", at - 2) && isHex(name, at)) {
      offset = hex(name, at);
      name = name.substring(0, at - 2);
    }
    if (name.isEmpty() || U64.addOverflows(offset, last - first)) {
      return null;
    }
    return new MtreeRow(
        new AddressRange(first, last),
        (int) priority,
        nonvolatile,
        type.get(),
        name,
        offset,
        accelerators);
  }

  /** Whether sixteen digits, as QEMU writes addresses, begin here. */
  private static boolean isHex(String line, int from) {
    if (line.length() < from + DIGITS) {
      return false;
    }
    for (int i = from; i < from + DIGITS; i++) {
      char c = line.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static long hex(String line, int from) {
    long value = 0;
    for (int i = from; i < from + DIGITS; i++) {
      char c = line.charAt(i);
      value = value << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
  }

  /** A number that is one, of few digits and perhaps a sign. */
  private static long decimal(String line, int from, int to) {
    boolean negative = line.charAt(from) == '-';
    long value = 0;
    for (int i = negative ? from + 1 : from; i < to; i++) {
      value = 10 * value + line.charAt(i) - '0';
    }
    return negative ? -value : value;
  }

  private static boolean isPriority(String line, int from, int to) {
    int digits = line.charAt(from) == '-' ? from + 1 : from;
    for (int i = digits; i < to; i++) {
      if (line.charAt(i) < '0' || line.charAt(i) > '9') {
        return false;
      }
    }
    return digits < to && to - from <= MOST_PRIORITY_CHARACTERS;
  }

  private static String withoutAccelerators(String text, List<String> into) {
    int end = text.length();
    int blank = text.lastIndexOf(' ');
    while (blank > 0
        && end - blank - 1 <= LONGEST_ACCELERATOR
        && ACCELERATORS.contains(text.substring(blank + 1, end))) {
      into.add(text.substring(blank + 1, end));
      end = blank;
      blank = text.lastIndexOf(' ', end - 1);
    }
    Collections.reverse(into);
    return text.substring(0, end);
  }

  /** Drops what {@code -o} prints (R-AS-106). */
  private static String withoutOwner(String text) {
    if (text.endsWith(" orphan")) {
      return text.substring(0, text.length() - " orphan".length());
    }
    return withoutBraces(withoutBraces(text, " parent:{"), " owner:{");
  }

  private static String withoutBraces(String text, String opening) {
    int start = text.endsWith("}") ? text.lastIndexOf(opening) : -1;
    return start < 0 ? text : text.substring(0, start);
  }
}
