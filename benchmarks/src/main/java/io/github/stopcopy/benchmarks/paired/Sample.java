package io.github.stopcopy.benchmarks.paired;

/**
 * What playing a variant gave.
 *
 * @param checksum of the result of each time
 * @param nanos CPU time of all times together
 */
public record Sample(long checksum, long nanos) {}
