/**
 * Reads a QEMU command line into a {@link io.github.stopcopy.core.config.VmConfig}. Nothing is
 * expanded, opened or run: the text is all there is. What cannot be read is one {@link
 * io.github.stopcopy.core.error.InputException} with source and line; what QEMU itself would refuse
 * about a device is left to the model.
 */
@NullMarked
package io.github.stopcopy.qemu.commandline;

import org.jspecify.annotations.NullMarked;
