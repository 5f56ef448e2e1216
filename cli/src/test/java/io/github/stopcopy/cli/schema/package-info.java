/** The schema files under {@code docs/schema}, and what has to agree with them. */
@NullMarked
package io.github.stopcopy.cli.schema;

import org.jspecify.annotations.NullMarked;
