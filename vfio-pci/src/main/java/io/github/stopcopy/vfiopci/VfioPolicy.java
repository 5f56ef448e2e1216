package io.github.stopcopy.vfiopci;

/**
 * Where the model departs from QEMU on request. {@link #EXACT} is QEMU, quirks included; each
 * switch is a safer behaviour that the open questions of the RFC suggest, and none is ever on
 * unless asked for.
 *
 * @param explainsMidwayFailure a migration that fails because the guest begins to use the vIOMMU
 *     says so in its error description
 * @param warnsOnlyBehindVirtualIommu the warning about the vIOMMU is printed only for devices
 *     behind one
 * @param asksOnlyDevicesBehindVirtualIommu the option counts only on devices behind the vIOMMU
 *     (Q-5)
 * @param noDeviceMeansNoPassthrough without any device the option does not count as set
 * @param checksAllContainersFirst no device starts to log before every container was checked for
 *     translated sections
 * @param tracksSeparateRanges read-only memory is not tracked, ranges that overlap are joined, and
 *     nothing to track is an error of its own
 * @param findsRamOfUnmappedPages dirty pages that are collected when a mapping goes are marked in
 *     the RAM that was mapped; QEMU marks others
 */
public record VfioPolicy(
    boolean explainsMidwayFailure,
    boolean warnsOnlyBehindVirtualIommu,
    boolean asksOnlyDevicesBehindVirtualIommu,
    boolean noDeviceMeansNoPassthrough,
    boolean checksAllContainersFirst,
    boolean tracksSeparateRanges,
    boolean findsRamOfUnmappedPages) {

  /** QEMU as it is. */
  public static final VfioPolicy EXACT =
      new VfioPolicy(false, false, false, false, false, false, false);

  /** Everything improved. */
  public static final VfioPolicy IMPROVED =
      new VfioPolicy(true, true, true, true, true, true, true);
}
