/** Pages under {@code docs/} that are generated, and tests that they are up to date. */
@NullMarked
package io.github.stopcopy.cli.docs;

import org.jspecify.annotations.NullMarked;
