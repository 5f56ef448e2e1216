/** Where QEMU's machines put memory: the {@code pc} and {@code q35} families. */
@NullMarked
package io.github.stopcopy.qemu.machine;

import org.jspecify.annotations.NullMarked;
