/** A plugin for tests of listings. */
@NullMarked
package io.github.stopcopy.cli.samples;

import org.jspecify.annotations.NullMarked;
