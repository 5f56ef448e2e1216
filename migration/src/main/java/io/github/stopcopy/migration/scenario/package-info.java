/**
 * Scenarios: a VM and the steps it goes through, the player that plays them on the model, and the
 * answer to each step, made from what happened.
 */
@NullMarked
package io.github.stopcopy.migration.scenario;

import org.jspecify.annotations.NullMarked;
