package io.github.stopcopy.migration;

import io.github.stopcopy.migration.scenario.Story;

/**
 * What was decided, and the played VM on which it was. Not thread-safe, and no value: it holds the
 * VM with its memory. Dirty trackers are closed by now, so that devices of the VM write no more.
 *
 * @param verdict the answer
 * @param story what was played
 */
public record Played(Verdict verdict, Story story) {}
