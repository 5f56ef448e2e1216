/**
 * Plays the destination of a migration: starts QEMU there, lets it load what the source sends, and
 * says what stands in the way, what QEMU does not check, and what nobody said. Rules R-OBS-116,
 * R-OBS-144, R-MIG-50.
 */
@NullMarked
package io.github.stopcopy.migration.incoming;

import org.jspecify.annotations.NullMarked;
