/** What vIOMMU models have in common: the base of the x86 models. Rules R-VIO-1 .. R-VIO-3. */
@NullMarked
package io.github.stopcopy.core.viommu;

import org.jspecify.annotations.NullMarked;
