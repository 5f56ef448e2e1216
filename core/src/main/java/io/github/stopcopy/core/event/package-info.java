/**
 * What the model tells while it plays: every part records its {@link
 * io.github.stopcopy.core.event.ModelEvent events} in one {@link
 * io.github.stopcopy.core.event.EventLog log}, and answers, reports and traces are made from that
 * log alone.
 */
@NullMarked
package io.github.stopcopy.core.event;

import org.jspecify.annotations.NullMarked;
