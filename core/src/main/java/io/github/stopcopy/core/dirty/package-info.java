/**
 * Dirty pages. A {@link io.github.stopcopy.core.dirty.DirtyBitmap} holds a bit for every page of a
 * known range in the kernel's layout and may be marked by many threads while another harvests it, a
 * {@link io.github.stopcopy.core.dirty.DirtyMarker} marks it faster for a thread; a {@link
 * io.github.stopcopy.core.dirty.DirtyLog} holds the dirty pages of an address space of any size, in
 * one thread; {@link io.github.stopcopy.core.dirty.RangeCoalescing} makes few ranges of many, for
 * devices that can track only so many.
 */
@NullMarked
package io.github.stopcopy.core.dirty;

import org.jspecify.annotations.NullMarked;
