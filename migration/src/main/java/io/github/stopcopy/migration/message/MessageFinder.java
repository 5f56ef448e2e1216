package io.github.stopcopy.migration.message;

import io.github.stopcopy.migration.message.MessageTemplate.Match;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds known messages in text, whatever stands around them: times, program names, locations, JSON,
 * what libvirt puts in front. Immutable and thread-safe.
 */
public final class MessageFinder {

  private static final String COLON = ": ";

  private static final String OF_DEVICE = "vfio ";

  private record Entry(KnownMessage message, MessageTemplate template) {}

  private record Candidate(KnownMessage message, int weight, Match match) {}

  private final List<Entry> entries = new ArrayList<>();

  /** Knows all messages of {@link KnownMessages}. */
  public MessageFinder() {
    for (KnownMessage message : KnownMessages.all()) {
      entries.add(new Entry(message, new MessageTemplate(message.text())));
    }
  }

  /**
   * The messages in a line, from left to right, without overlap: where several fit the same place,
   * the one of which more is always the same is meant. Takes time in proportion to the line's
   * length, and for each message in it that of a search tree.
   */
  public List<FoundMessage> in(String line) {
    List<Candidate> candidates = new ArrayList<>();
    for (Entry entry : entries) {
      for (Match match : entry.template.in(line)) {
        candidates.add(new Candidate(entry.message, entry.template.weight(), match));
      }
    }
    candidates.sort(Comparator.comparingInt(Candidate::weight).reversed());
    NavigableMap<Integer, Candidate> chosen = new TreeMap<>();
    for (Candidate candidate : candidates) {
      if (isFree(chosen, candidate.match)) {
        chosen.put(candidate.match.start(), candidate);
      }
    }
    List<FoundMessage> found = new ArrayList<>();
    for (Candidate candidate : chosen.values()) {
      Match match = candidate.match;
      found.add(
          new FoundMessage(
              candidate.message,
              line.substring(match.start(), match.end()),
              match.device().or(() -> deviceBefore(line, match.start()))));
    }
    return found;
  }

  /** The device that QEMU names in front of what a device of VFIO was refused for (R-BLK-11). */
  private static Optional<String> deviceBefore(String line, int start) {
    int end = start - COLON.length();
    if (end <= 0 || !line.startsWith(COLON, end)) {
      return Optional.empty();
    }
    int begin = Hole.DEVICE.beginOf(line, end);
    return begin < end && line.startsWith(OF_DEVICE, begin - OF_DEVICE.length())
        ? Optional.of(line.substring(begin, end))
        : Optional.empty();
  }

  private static boolean isFree(NavigableMap<Integer, Candidate> chosen, Match match) {
    Map.Entry<Integer, Candidate> before = chosen.lowerEntry(match.end());
    return before == null || before.getValue().match.end() <= match.start();
  }
}
