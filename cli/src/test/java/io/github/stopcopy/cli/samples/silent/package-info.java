/** A plugin for tests of listings that has a name and otherwise throws. */
@NullMarked
package io.github.stopcopy.cli.samples.silent;

import org.jspecify.annotations.NullMarked;
