/** What real QEMUs did, held against the answers of {@code stopcopy run}. */
@NullMarked
package io.github.stopcopy.cli.vectors;

import org.jspecify.annotations.NullMarked;
