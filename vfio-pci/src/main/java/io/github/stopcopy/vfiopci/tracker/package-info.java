/**
 * The standard dirty trackers: what devices do when they are asked to log their own writes. One
 * logs exactly what it is asked for, two have the limits of real devices, one calls everything
 * dirty. They are chosen by name; who tracks at all is QEMU's closed choice (R-DT-20 .. R-DT-22)
 * and not made here.
 */
@NullMarked
package io.github.stopcopy.vfiopci.tracker;

import org.jspecify.annotations.NullMarked;
