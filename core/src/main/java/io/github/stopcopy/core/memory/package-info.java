/**
 * Guest memory as QEMU models it: a tree of {@link io.github.stopcopy.core.memory.MemoryRegion
 * regions} is rendered into the {@link io.github.stopcopy.core.memory.FlatView flat view} of an
 * {@link io.github.stopcopy.core.memory.AddressSpace}, and every change reaches {@link
 * io.github.stopcopy.core.memory.MemoryListener listeners} in QEMU's order; regions behind a vIOMMU
 * announce their translations to {@link io.github.stopcopy.core.memory.IommuNotifier notifiers}.
 * Rules R-AS-1 .. R-AS-91.
 */
@NullMarked
package io.github.stopcopy.core.memory;

import org.jspecify.annotations.NullMarked;
