/**
 * Where QEMU's machines put memory: the {@code pc} and {@code q35} families. The readers give what
 * they read a {@link io.github.stopcopy.qemu.machine.PcMemory}; who builds a VM without them gives
 * it one.
 */
@NullMarked
package io.github.stopcopy.qemu.machine;

import org.jspecify.annotations.NullMarked;
