/** Plugins, good and broken, for tests of how they are found. */
@NullMarked
package io.github.stopcopy.core.plugin.samples;

import org.jspecify.annotations.NullMarked;
