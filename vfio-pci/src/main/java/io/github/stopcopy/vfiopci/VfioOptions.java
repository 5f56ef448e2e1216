package io.github.stopcopy.vfiopci;

/**
 * What the caller knows or wants otherwise.
 *
 * @param barsKnown whether the addresses of BARs are known, from a memory dump; else tracking ranges
 *     that depend on them say so
 */
public record VfioOptions(boolean barsKnown) {}
