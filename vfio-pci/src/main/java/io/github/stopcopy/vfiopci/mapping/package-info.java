/**
 * The container's memory listener: sections, translations and discardable RAM become maps and
 * unmaps in the kernel's container. Rules R-LST-10 .. R-LST-74. Who tracks dirty pages is told by
 * the two small interfaces {@link io.github.stopcopy.vfiopci.mapping.TrackingSwitch} and {@link
 * io.github.stopcopy.vfiopci.mapping.DirtyPageCollector}.
 */
@NullMarked
package io.github.stopcopy.vfiopci.mapping;

import org.jspecify.annotations.NullMarked;
