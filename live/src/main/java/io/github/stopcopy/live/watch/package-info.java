/**
 * Follows a running VM: whether it runs, how its migration goes on, what its devices and its guest
 * do, and whether any of that makes the verdict another. Everything is asked for; the one thing
 * that can be changed, on demand, is that a migration is cancelled.
 */
@NullMarked
package io.github.stopcopy.live.watch;

import org.jspecify.annotations.NullMarked;
