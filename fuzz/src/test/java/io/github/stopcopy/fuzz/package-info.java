/** Fuzz targets, run by Jazzer. */
@NullMarked
package io.github.stopcopy.fuzz;

import org.jspecify.annotations.NullMarked;
