/**
 * Dirty page tracking of a container: who tracks, which ranges, how it is started and stopped, and
 * how dirty pages are collected. Rules R-DT-1 .. R-DT-37, R-DT-50 .. R-DT-59, R-LST-46 .. R-LST-53.
 * Devices are seen as {@link io.github.stopcopy.vfiopci.tracking.TrackedDevice}, those of other
 * containers through {@link io.github.stopcopy.vfiopci.tracking.VmDevices}.
 */
@NullMarked
package io.github.stopcopy.vfiopci.tracking;

import org.jspecify.annotations.NullMarked;
