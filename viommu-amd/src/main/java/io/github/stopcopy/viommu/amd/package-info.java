/**
 * The {@code amd-iommu} model (AMD-Vi): its properties, the checks at realize and the address space
 * of each device behind it. What guest software does to it is not modelled. Rules R-VIO-30 ..
 * R-VIO-36.
 */
@NullMarked
package io.github.stopcopy.viommu.amd;

import org.jspecify.annotations.NullMarked;
