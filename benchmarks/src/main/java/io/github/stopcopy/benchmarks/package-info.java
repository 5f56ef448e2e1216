/** How fast scenarios are answered and memory is rendered; not published. */
package io.github.stopcopy.benchmarks;
