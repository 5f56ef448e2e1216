/**
 * What VFIO needs of the rest of a VM, as one {@link
 * io.github.stopcopy.vfiopci.environment.VfioEnvironment immutable value}: memory, the processor's
 * address space, the host's page size, how the release behaves, and the migration as a port. Every
 * floor above is handed this value and no floor looks upwards. For the module that assembles VMs
 * only.
 */
@NullMarked
package io.github.stopcopy.vfiopci.environment;

import org.jspecify.annotations.NullMarked;
