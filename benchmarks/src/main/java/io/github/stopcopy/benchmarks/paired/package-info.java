/**
 * Compares ways of doing the same work on a machine that does other things too: a {@link
 * io.github.stopcopy.benchmarks.paired.PairedRun} plays all of them in turn, round by round, on
 * thread CPU time, holds their checksums against each other, and what counts is the median of the
 * ratios of a round.
 */
@NullMarked
package io.github.stopcopy.benchmarks.paired;

import org.jspecify.annotations.NullMarked;
