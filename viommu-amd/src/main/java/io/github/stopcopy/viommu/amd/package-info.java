/**
 * The {@code amd-iommu} model (AMD-Vi): its properties, the checks at realize and the address space
 * of each device behind it, and with dma-remap what its guest does: device table, page tables and
 * invalidations. Rules R-VIO-30 .. R-VIO-36.
 */
@NullMarked
package io.github.stopcopy.viommu.amd;

import org.jspecify.annotations.NullMarked;
