/**
 * The {@code virtio-iommu-pci} model: its properties, the address space of each device behind it
 * and the page sizes that it agrees on with containers, and what its guest driver asks for: domains
 * and their mappings. Rules R-VIO-40 .. R-VIO-43.
 */
@NullMarked
package io.github.stopcopy.viommu.virtio;

import org.jspecify.annotations.NullMarked;
