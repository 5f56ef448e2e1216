/**
 * What vIOMMU models have in common: the base of the x86 models and the age of a machine type. Rules
 * R-VIO-1 .. R-VIO-4.
 */
@NullMarked
package io.github.stopcopy.core.viommu;

import org.jspecify.annotations.NullMarked;
