/**
 * The contracts of the SPIs as tests. Whoever writes a {@link
 * io.github.stopcopy.core.spi.DirtyTracker}, a {@link io.github.stopcopy.core.spi.VirtualIommu} or
 * a {@link io.github.stopcopy.core.memory.MemoryListener} extends the abstract class of that name
 * in a test, says how to make one, and inherits every case. The classes beside them are what the
 * cases are made of and may be used alone: seeded random ranges, writes and topologies, a log of
 * dirty pages that is too simple to be wrong, and {@link io.github.stopcopy.testkit.TrackerFault
 * trackers with a known fault} that show what a test can see. Nothing here reads a clock or starts
 * a thread; random cases are the same in every run unless the system property {@code stopcopy.seed}
 * says otherwise ({@link io.github.stopcopy.testkit.Seeds}).
 */
@NullMarked
package io.github.stopcopy.testkit;

import org.jspecify.annotations.NullMarked;
