/**
 * What I/O virtual addresses lead to, without an object for each mapping: for vIOMMU models and for
 * the I/O page tables of a simulated kernel.
 */
@NullMarked
package io.github.stopcopy.core.iova;

import org.jspecify.annotations.NullMarked;
