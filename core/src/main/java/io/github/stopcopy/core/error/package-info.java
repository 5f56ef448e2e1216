/**
 * How things go wrong: {@link io.github.stopcopy.core.error.QemuError} is an error QEMU would
 * report and therefore a value of the model, {@link io.github.stopcopy.core.error.InputException}
 * is text that nobody can read, {@link io.github.stopcopy.core.error.PluginFailure} is what a
 * plugin did wrong, and misuse of the library throws the usual unchecked exceptions.
 */
@NullMarked
package io.github.stopcopy.core.error;

import org.jspecify.annotations.NullMarked;
