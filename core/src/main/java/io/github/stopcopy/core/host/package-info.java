/**
 * Facts that only the host knows: what its IOMMU, its devices and their kernel drivers can do and
 * where they fail. Plain immutable data, from which the simulated kernel answers.
 */
@NullMarked
package io.github.stopcopy.core.host;

import org.jspecify.annotations.NullMarked;
