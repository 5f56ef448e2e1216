/**
 * What is known of the kernel's VFIO drivers: a row for each, with what it can do from which
 * release of Linux on and where that is known from. It stands in for facts of a device that nobody
 * gave.
 */
@NullMarked
package io.github.stopcopy.vfiopci.driver;

import org.jspecify.annotations.NullMarked;
