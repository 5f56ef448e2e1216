/**
 * What others see of VFIO: {@link io.github.stopcopy.vfiopci.VfioDevice devices}, the {@link
 * io.github.stopcopy.vfiopci.VfioContainer containers} that they are in, what is mapped there and
 * what is to be tracked, and where the model shall depart from QEMU.
 */
@NullMarked
package io.github.stopcopy.vfiopci;

import org.jspecify.annotations.NullMarked;
