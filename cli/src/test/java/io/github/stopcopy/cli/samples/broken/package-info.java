/** A vIOMMU model that throws, for tests of what the command says of it. */
@NullMarked
package io.github.stopcopy.cli.samples.broken;

import org.jspecify.annotations.NullMarked;
