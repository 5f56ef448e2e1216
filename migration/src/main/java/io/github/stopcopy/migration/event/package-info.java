/**
 * The events of the outgoing migration, as answers and traces show them: its states, and the
 * blockers that come and go. Immutable values, thread-safe.
 */
@NullMarked
package io.github.stopcopy.migration.event;

import org.jspecify.annotations.NullMarked;
