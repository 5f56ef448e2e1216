/** Tests of what is read of a running QEMU. */
@NullMarked
package io.github.stopcopy.live;

import org.jspecify.annotations.NullMarked;
