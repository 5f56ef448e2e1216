package io.github.stopcopy.live.host;

import java.util.Objects;

/**
 * One fact of a host, or that it was not found.
 *
 * @param subject {@code host}, {@code containers} (what its IOMMU can do) or the address of a
 *     device
 * @param fact its key in the facts of a host, e.g. {@code migration}
 * @param certainty how well it is known
 * @param value in words; empty if it is unknown
 * @param origin which kind of source it has, a word that does not change: {@code sysfs}, {@code
 *     debugfs}, {@code procfs}, {@code kernel} (every kernel of this release and processor is so),
 *     {@code driver table}, {@code default}, {@code probe}; empty if it is unknown
 * @param source where exactly, in words, e.g. the file
 * @param better what would tell it or make it sure, in words; empty if it is known
 */
public record Finding(
    String subject,
    String fact,
    Certainty certainty,
    String value,
    String origin,
    String source,
    String better) {

  /** Refuses null. */
  public Finding {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(fact, "fact");
    Objects.requireNonNull(certainty, "certainty");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(better, "better");
  }
}
