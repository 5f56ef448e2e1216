/**
 * What-if: the smallest sets of changes that give a VM another answer, as values. {@link
 * io.github.stopcopy.migration.MigrationCheck#whatIf} finds them; each was played on the model.
 */
@NullMarked
package io.github.stopcopy.migration.whatif;

import org.jspecify.annotations.NullMarked;
