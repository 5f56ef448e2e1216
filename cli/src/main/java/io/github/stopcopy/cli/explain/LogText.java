package io.github.stopcopy.cli.explain;

import io.github.stopcopy.cli.report.Paragraphs;
import io.github.stopcopy.migration.message.FoundMessage;
import io.github.stopcopy.migration.message.KnownMessage;
import io.github.stopcopy.migration.message.MessageFinder;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Explains lines that QEMU or libvirt printed: what is known of them, each message once, and what
 * looks as if it belonged to it and is not known. Keeps what it found and not the lines.
 */
public final class LogText {

  /** Where to tell of a line that should be known. */
  static final String REPORT =
      "If one of them stands in the way of a migration, please report it with the release of QEMU"
          + " and the line as it is.";

  /** So many lines that are not known are shown. */
  private static final int MOST_UNKNOWN = 10;

  private static final int LONGEST_SHOWN = 300;

  private static final String MACHINE = "-machine";

  private static final List<String> OURS = List.of("vfio", "iommu", "migrat", "dirty");

  private final MessageFinder finder = new MessageFinder();
  private final Map<KnownMessage, Seen> seen = new LinkedHashMap<>();
  private final List<String> unknown = new ArrayList<>();
  private long moreUnknown;

  private static final class Seen {
    final FoundMessage first;
    final int line;
    final Set<String> devices = new LinkedHashSet<>();
    long times;

    Seen(FoundMessage first, int line) {
      this.first = first;
      this.line = line;
    }
  }

  /**
   * Takes a line.
   *
   * @param number its number, from 1; 0 if it is the only one
   */
  public void add(int number, String line) {
    List<FoundMessage> found = finder.in(line);
    for (FoundMessage each : found) {
      Seen same = seen.computeIfAbsent(each.message(), message -> new Seen(each, number));
      same.times++;
      each.device().ifPresent(same.devices::add);
    }
    if (found.isEmpty() && isOurs(line)) {
      if (unknown.size() < MOST_UNKNOWN) {
        unknown.add((number > 0 ? number + ": " : "") + shortened(line.strip()));
      } else {
        moreUnknown++;
      }
    }
  }

  /** Whether anything is known. */
  public boolean isAnythingKnown() {
    return !seen.isEmpty();
  }

  private static boolean isOurs(String line) {
    String small = line.strip().toLowerCase(Locale.ROOT);
    return !isOfCommandLine(small) && OURS.stream().anyMatch(small::contains);
  }

  /** A command line of QEMU, or an option of one that has a line of its own, says nothing. */
  private static boolean isOfCommandLine(String line) {
    boolean isOption = line.length() > 1 && line.charAt(0) == '-' && line.charAt(1) >= 'a';
    return isOption || line.contains(MACHINE);
  }

  /** What is known and what is not, lines ended: what concerns the migration first. */
  public String text() {
    StringBuilder text = new StringBuilder();
    seen.values().stream()
        .filter(each -> !each.first.message().codes().isEmpty())
        .forEach(each -> known(text, each));
    seen.values().stream()
        .filter(each -> each.first.message().codes().isEmpty())
        .forEach(each -> known(text, each));
    if (!unknown.isEmpty()) {
      text.append("Not known\n");
      unknown.forEach(line -> text.append("  ").append(line).append('\n'));
      if (moreUnknown > 0) {
        text.append("  and ").append(moreUnknown).append(" more\n");
      }
      Paragraphs.write(text, "  ", REPORT);
    }
    return text.toString();
  }

  private static void known(StringBuilder text, Seen seen) {
    KnownMessage message = seen.first.message();
    Paragraphs.write(text, "", heading(message) + devices(seen) + where(seen));
    Paragraphs.unbroken(text, "  " + message.speaker() + " says: ", seen.first.text());
    Paragraphs.write(
        text,
        "  Said by:   ",
        message.said() + (message.note().isEmpty() ? "" : ". " + message.note()));
    for (ReasonCode code : message.codes()) {
      String prefix = message.codes().size() > 1 ? "  " + code + ": " : "  Meaning:   ";
      Paragraphs.write(text, prefix, code.causes().get(0).text());
    }
    if (!message.codes().isEmpty()) {
      text.append("  More:      stopcopy explain ").append(message.codes().get(0)).append('\n');
    }
    text.append('\n');
  }

  private static String heading(KnownMessage message) {
    if (message.codes().isEmpty()) {
      return "Of no concern by itself";
    }
    String codes = String.join(", ", message.codes().stream().map(ReasonCode::name).toList());
    return message.codes().size() == 1 ? codes : "One of " + codes;
  }

  private static String devices(Seen seen) {
    if (seen.devices.isEmpty()) {
      return "";
    }
    return (seen.devices.size() == 1 ? ", device " : ", devices ")
        + String.join(", ", seen.devices);
  }

  private static String where(Seen seen) {
    if (seen.line == 0) {
      return seen.times > 1 ? " (x " + seen.times + ")" : "";
    }
    return seen.times > 1
        ? " (x " + seen.times + ", first in line " + seen.line + ")"
        : " (line " + seen.line + ")";
  }

  private static String shortened(String line) {
    return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "...";
  }
}
