/**
 * What tracking would cost each device: how many ranges and bytes it would be asked to track in the
 * boot layout, over the width of a vIOMMU, or if only what it can write were asked for; what
 * devices that track few ranges or powers of two would make of that; and whether the device that
 * was chosen would refuse. Computed from a VM that was played, only when somebody asks.
 */
@NullMarked
package io.github.stopcopy.migration.cost;

import org.jspecify.annotations.NullMarked;
