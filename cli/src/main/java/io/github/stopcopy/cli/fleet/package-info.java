/** Fleets: VMs from a folder or a stream, decided on all processors and answered in their order. */
@NullMarked
package io.github.stopcopy.cli.fleet;

import org.jspecify.annotations.NullMarked;
