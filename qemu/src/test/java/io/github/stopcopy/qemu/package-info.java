/** What tests of several readers share. */
@NullMarked
package io.github.stopcopy.qemu;

import org.jspecify.annotations.NullMarked;
