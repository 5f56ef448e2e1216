/**
 * Many VMs: {@link io.github.stopcopy.migration.fleet.FleetCheck} decides one after the other, VMs
 * of the same shape once, and {@link io.github.stopcopy.migration.fleet.FleetTally} counts the
 * answers. Neither keeps a VM or an answer beyond a bounded number, so a fleet can have any length.
 */
@NullMarked
package io.github.stopcopy.migration.fleet;

import org.jspecify.annotations.NullMarked;
