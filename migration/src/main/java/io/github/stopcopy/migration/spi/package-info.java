/**
 * For authors of rule sets: a rule looks at a {@link
 * io.github.stopcopy.migration.spi.VfioDeviceView device} in its {@link
 * io.github.stopcopy.migration.spi.VmView VM} and says what it found, or {@linkplain
 * io.github.stopcopy.migration.spi.VmRule at the VM as a whole}. The built-in set follows QEMU and
 * cannot be changed by others; theirs add advice.
 */
@NullMarked
package io.github.stopcopy.migration.spi;

import org.jspecify.annotations.NullMarked;
