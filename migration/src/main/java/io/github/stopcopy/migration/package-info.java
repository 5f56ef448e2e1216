/**
 * The answer: {@link io.github.stopcopy.migration.MigrationCheck} plays a VM and its migration on
 * the model and gives a {@link io.github.stopcopy.migration.Verdict} with every reason, what it
 * means and what would change it.
 */
@NullMarked
package io.github.stopcopy.migration;

import org.jspecify.annotations.NullMarked;
