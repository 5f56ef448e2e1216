package io.github.stopcopy.vfiopci;

/**
 * A mapping that a container holds.
 *
 * @param iova the first I/O virtual address
 * @param size bytes
 * @param ramAddress the RAM address that the first byte leads to; QEMU hands over a pointer
 * @param readonly whether devices may only read
 */
public record DmaMapping(long iova, long size, long ramAddress, boolean readonly) {}
