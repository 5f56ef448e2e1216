/**
 * The events of VFIO: sections, mappings, logging and device states, as answers and traces show
 * them. Immutable values, thread-safe.
 */
@NullMarked
package io.github.stopcopy.vfiopci.event;

import org.jspecify.annotations.NullMarked;
