/** Random VMs and steps, and naive models that say what the answers must be. */
@NullMarked
package io.github.stopcopy.cli.stories;

import org.jspecify.annotations.NullMarked;
