/**
 * What could help against a reason. Nothing here is told to a user before the model has tried it.
 */
@NullMarked
package io.github.stopcopy.migration.remedy;

import org.jspecify.annotations.NullMarked;
