/**
 * A real QEMU in the loop. A small library stands in for the kernel side of VFIO in an unmodified
 * QEMU: it maps nothing, keeps the books a kernel would keep, and writes down what it was asked.
 * Scenarios are played on such a QEMU step by step, what it did is turned into the answers of
 * {@code stopcopy run}, and these are held against the model's, aspect by aspect.
 *
 * <p>And dirty trackers go behind it: {@link io.github.stopcopy.standin.TrackedMigration} has
 * devices write into the guest's RAM during a migration and compares the RAM of both sides.
 */
@NullMarked
package io.github.stopcopy.standin;

import org.jspecify.annotations.NullMarked;
