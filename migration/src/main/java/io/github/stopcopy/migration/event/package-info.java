/** The events of the outgoing migration, as answers and traces show them. */
@NullMarked
package io.github.stopcopy.migration.event;

import org.jspecify.annotations.NullMarked;
