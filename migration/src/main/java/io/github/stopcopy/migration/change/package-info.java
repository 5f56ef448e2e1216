/**
 * Makes the changes of remedies to scenarios: the one place that knows what a change as data does.
 */
@NullMarked
package io.github.stopcopy.migration.change;

import org.jspecify.annotations.NullMarked;
