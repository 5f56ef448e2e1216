/**
 * What vIOMMU models have in common: the properties and checks of QEMU's base of the x86 models,
 * and what a guest writes to its memory for them; for models of one's own as for those of stopcopy.
 * Rules R-VIO-1 .. R-VIO-3.
 */
@NullMarked
package io.github.stopcopy.core.viommu;

import org.jspecify.annotations.NullMarked;
