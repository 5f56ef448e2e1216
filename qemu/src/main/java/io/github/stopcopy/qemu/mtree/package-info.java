/**
 * Reads the text of {@code info mtree -f} (R-AS-100 .. R-AS-108) into rows, and the rows of system
 * memory into regions that the model can show. Immutable values, thread-safe.
 */
@NullMarked
package io.github.stopcopy.qemu.mtree;

import org.jspecify.annotations.NullMarked;
