/**
 * The standard memory listener, chosen by name: it looks on beside VFIO's own, changes nothing, and
 * tells in the end what each device could reach while the VM was played.
 */
@NullMarked
package io.github.stopcopy.vfiopci.listener;

import org.jspecify.annotations.NullMarked;
