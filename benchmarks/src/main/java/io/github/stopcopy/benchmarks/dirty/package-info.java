/**
 * How fast dirty pages are marked, harvested and merged, and ranges combined, against other bitmaps
 * and a loop in C: {@link io.github.stopcopy.benchmarks.dirty.DirtyPages} prints the table, {@link
 * io.github.stopcopy.benchmarks.dirty.DirtyPagesBenchmark} looks inside.
 */
@NullMarked
package io.github.stopcopy.benchmarks.dirty;

import org.jspecify.annotations.NullMarked;
