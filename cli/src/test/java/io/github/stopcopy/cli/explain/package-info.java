/** Tests of what is explained. */
@NullMarked
package io.github.stopcopy.cli.explain;

import org.jspecify.annotations.NullMarked;
