package io.github.stopcopy.json;

import io.github.stopcopy.core.host.HostFacts;
import java.util.List;
import java.util.Objects;

/**
 * Host facts, where each comes from, and what people should know beside them. Immutable.
 *
 * @param facts the facts
 * @param origins where the facts come from that somebody told; what is missing here is a default
 * @param notes what no fact can say, such as that a group is shared with a driver of the host
 */
public record HostDocument(HostFacts facts, List<Origin> origins, List<Note> notes) {

  /** The subject of what concerns the host as a whole. */
  public static final String HOST = "host";

  /** The subject of what its IOMMU can do. */
  public static final String CONTAINERS = "containers";

  /** The origin of a fact that was told without one. */
  public static final String USER = "user";

  /**
   * The origin of a fact of {@link #CONTAINERS} that is what the least of several IOMMUs can do, of
   * which not all serve each VM.
   */
  public static final String LEAST_OF_SEVERAL = "sysfs, least of several IOMMUs";

  /** The facts of the IOMMU that are {@link #LEAST_OF_SEVERAL}, by their keys. */
  public List<String> leastOfSeveral() {
    return origins.stream()
        .filter(origin -> origin.origin().equals(LEAST_OF_SEVERAL))
        .map(Origin::fact)
        .toList();
  }

  /** Copies the lists. */
  public HostDocument {
    Objects.requireNonNull(facts, "facts");
    origins = List.copyOf(origins);
    notes = List.copyOf(notes);
  }

  /**
   * Where a fact comes from.
   *
   * @param subject {@link #HOST}, {@link #CONTAINERS} or the name of a device
   * @param fact its key in the JSON of {@code docs/host.md}, e.g. {@code migration}
   * @param origin e.g. {@code debugfs}, {@code sysfs} or {@code probe}; with {@code driver table}
   *     and {@code default} a fact of a device counts as assumed
   */
  public record Origin(String subject, String fact, String origin) {

    /** Refuses null. */
    public Origin {
      Objects.requireNonNull(subject, "subject");
      Objects.requireNonNull(fact, "fact");
      Objects.requireNonNull(origin, "origin");
    }

    /** Whether nobody asked the host: the fact is what is known of its kind, or a default. */
    public boolean isAssumed() {
      return origin.equals("driver table") || origin.equals("default");
    }
  }

  /**
   * What people should know.
   *
   * @param subject as in {@link Origin}
   * @param text one sentence or more
   */
  public record Note(String subject, String text) {

    /** Refuses null. */
    public Note {
      Objects.requireNonNull(subject, "subject");
      Objects.requireNonNull(text, "text");
    }
  }
}
