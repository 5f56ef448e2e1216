/** Runs what was built: the jars, what would be published, and the examples that use that. */
@NullMarked
package io.github.stopcopy.integration;

import org.jspecify.annotations.NullMarked;
