package io.github.stopcopy.vfiopci.environment;

import io.github.stopcopy.vfiopci.VfioPolicy;

/**
 * What the caller knows or wants otherwise.
 *
 * @param barsKnown whether the addresses of BARs are known, from a memory dump; else tracking
 *     ranges that depend on them say so
 * @param othersHaveMemoryBars whether a device that is no VFIO device shows memory in a 64-bit BAR
 * @param policy where the model departs from QEMU
 */
public record VfioOptions(boolean barsKnown, boolean othersHaveMemoryBars, VfioPolicy policy) {}
