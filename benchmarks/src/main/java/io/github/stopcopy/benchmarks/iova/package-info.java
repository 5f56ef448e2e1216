/**
 * How fast I/O virtual addresses are mapped, looked up and unmapped, against other maps and a tree
 * in C: {@link io.github.stopcopy.benchmarks.iova.IovaMaps} prints the table.
 */
@NullMarked
package io.github.stopcopy.benchmarks.iova;

import org.jspecify.annotations.NullMarked;
