package io.github.stopcopy.migration;

import io.github.stopcopy.migration.incoming.Arrival;
import java.util.List;
import java.util.Optional;

/**
 * What is said of a story.
 *
 * @param kind the answer in one word, of source and destination together
 * @param reasons why, without remedies
 * @param arrival what becomes of the VM at its destination; empty if none was asked about, or the
 *     source sends nothing
 */
record Judgement(VerdictKind kind, List<Reason> reasons, Optional<Arrival> arrival) {}
