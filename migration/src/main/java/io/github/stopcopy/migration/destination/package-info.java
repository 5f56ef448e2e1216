/**
 * The other side of a migration as values: where a VM is to go, and what becomes of what it sends
 * there.
 */
@NullMarked
package io.github.stopcopy.migration.destination;

import org.jspecify.annotations.NullMarked;
