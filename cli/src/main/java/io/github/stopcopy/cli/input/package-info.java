/** Files and standard input as text within limits, and the texts of QEMU that are in scenarios. */
@NullMarked
package io.github.stopcopy.cli.input;

import org.jspecify.annotations.NullMarked;
