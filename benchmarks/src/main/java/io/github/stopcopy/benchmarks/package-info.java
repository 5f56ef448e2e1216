/** How fast scenarios are answered and memory is rendered; not published. */
@NullMarked
package io.github.stopcopy.benchmarks;

import org.jspecify.annotations.NullMarked;
