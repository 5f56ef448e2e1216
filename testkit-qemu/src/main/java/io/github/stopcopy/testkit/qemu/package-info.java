/**
 * The contract of {@link io.github.stopcopy.core.spi.DirtyTracker} on a real QEMU: it migrates a VM
 * whose devices write while the tracker logs, and compares the RAM of both sides. Apart from the
 * other contracts, since it needs the stand-in kernel and all that this needs.
 */
@NullMarked
package io.github.stopcopy.testkit.qemu;

import org.jspecify.annotations.NullMarked;
