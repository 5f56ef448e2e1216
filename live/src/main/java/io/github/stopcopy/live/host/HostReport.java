package io.github.stopcopy.live.host;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.json.HostDocument;
import io.github.stopcopy.json.HostDocument.Note;
import io.github.stopcopy.json.HostDocument.Origin;
import java.util.List;
import java.util.Objects;

/**
 * What a host told. Immutable.
 *
 * @param facts the facts, those included that are assumed; a decision counts a device's {@code
 *     migration} and {@code dma-logging} as assumed where {@link #findings} does
 * @param findings each fact with its origin, and what could not be found: the host, its IOMMU, then
 *     the devices in the order of their addresses
 * @param notes what no fact can say
 * @param others the addresses of devices with an IOMMU group that were left out
 */
public record HostReport(
    HostFacts facts, List<Finding> findings, List<Note> notes, List<String> others) {

  /** Copies the lists. */
  public HostReport {
    Objects.requireNonNull(facts, "facts");
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
    others = List.copyOf(others);
  }

  /** The facts with origins and notes, to be written as JSON. */
  public HostDocument document() {
    List<Origin> origins =
        findings.stream()
            .filter(finding -> finding.certainty() != Certainty.UNKNOWN)
            .map(finding -> new Origin(finding.subject(), finding.fact(), finding.origin()))
            .toList();
    return new HostDocument(facts, origins, notes);
  }
}
