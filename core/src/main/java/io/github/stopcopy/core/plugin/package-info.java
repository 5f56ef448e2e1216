/**
 * Finds plugins safely: a broken jar is reported and left out, a name that is taken twice is an
 * error that names both, and everything also works with objects that the caller made.
 */
@NullMarked
package io.github.stopcopy.core.plugin;

import org.jspecify.annotations.NullMarked;
