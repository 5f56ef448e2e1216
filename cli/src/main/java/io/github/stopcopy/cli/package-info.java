/** The command {@code stopcopy}: reads what a user has, asks the model and prints the answer. */
@NullMarked
package io.github.stopcopy.cli;

import org.jspecify.annotations.NullMarked;
