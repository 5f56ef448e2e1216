/** Tests of the stand-in kernel and of what is made of recordings; none starts a QEMU. */
@NullMarked
package io.github.stopcopy.standin;

import org.jspecify.annotations.NullMarked;
