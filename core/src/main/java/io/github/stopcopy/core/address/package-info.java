/**
 * Numbers and places: unsigned 64-bit arithmetic, inclusive address ranges, sizes up to 2^64 bytes
 * and PCI addresses. An address, an IOVA and a size are all unsigned {@code long}s; the name of a
 * parameter says which one is meant.
 */
@NullMarked
package io.github.stopcopy.core.address;

import org.jspecify.annotations.NullMarked;
