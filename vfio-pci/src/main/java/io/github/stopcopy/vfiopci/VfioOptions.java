package io.github.stopcopy.vfiopci;

/**
 * What the caller knows or wants otherwise.
 *
 * @param barsKnown whether the addresses of BARs are known, from a memory dump; else tracking ranges
 *     that depend on them say so
 * @param policy where the model departs from QEMU
 */
public record VfioOptions(boolean barsKnown, VfioPolicy policy) {}
