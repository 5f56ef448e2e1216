/**
 * The VM as its owner describes it: an immutable {@link io.github.stopcopy.core.config.VmConfig}
 * that readers make from a command line, and the {@link io.github.stopcopy.core.config.MemoryPlan}
 * of where its machine puts memory. Input of the model, never changed by it.
 */
@NullMarked
package io.github.stopcopy.core.config;

import org.jspecify.annotations.NullMarked;
