package io.github.stopcopy.qemu.mtree;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one row of a flat view: the fixed part from the front, then from the back (R-AS-103). */
final class RowText {

  private static final Pattern FRONT =
      Pattern.compile(
          "  ([0-9a-f]{16})-([0-9a-f]{16})"
              + " \\(prio (-?[0-9]{1,10}), (nv-)?(ramd|romd|rom|ram|i/o|container)\\): ");
  private static final Pattern OFFSET = Pattern.compile(" @([0-9a-f]{16})$");
  private static final Set<String> ACCELERATORS =
      Set.of(
          "KVM", "kvm", "TCG", "tcg", "HVF", "hvf", "HAX", "hax", "WHPX", "whpx", "NVMM", "nvmm",
          "MSHV", "mshv", "Xen", "xen");

  private RowText() {}

  /** The row, or null if the line is none. */
  static @Nullable MtreeRow read(String line) {
    Matcher front = FRONT.matcher(line);
    if (!front.lookingAt()) {
      return null;
    }
    long first = Long.parseUnsignedLong(front.group(1), 16);
    long last = Long.parseUnsignedLong(front.group(2), 16);
    long priority = Long.parseLong(front.group(3));
    if (U64.less(last, first) || priority != (int) priority) {
      return null;
    }
    List<String> accelerators = new ArrayList<>();
    String name = withoutOwner(withoutAccelerators(line.substring(front.end()), accelerators));
    long offset = 0;
    Matcher at = OFFSET.matcher(name);
    if (at.find()) {
      offset = Long.parseUnsignedLong(at.group(1), 16);
      name = name.substring(0, at.start());
    }
    if (name.isEmpty() || U64.addOverflows(offset, last - first)) {
      return null;
    }
    return new MtreeRow(
        new AddressRange(first, last),
        (int) priority,
        front.group(4) != null,
        RowType.of(front.group(5)),
        name,
        offset,
        accelerators);
  }

  private static String withoutAccelerators(String text, List<String> into) {
    int end = text.length();
    for (int blank = text.lastIndexOf(' ');
        blank > 0 && ACCELERATORS.contains(text.substring(blank + 1, end));
        blank = text.lastIndexOf(' ', end - 1)) {
      into.add(text.substring(blank + 1, end));
      end = blank;
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
