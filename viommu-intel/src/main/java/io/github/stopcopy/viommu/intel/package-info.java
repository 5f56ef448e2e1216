/**
 * The {@code intel-iommu} model (VT-d): its properties, the checks at realize, the address space of
 * each device behind it and what guest software does to it. Rules R-VIO-1 .. R-VIO-25.
 */
@NullMarked
package io.github.stopcopy.viommu.intel;

import org.jspecify.annotations.NullMarked;
