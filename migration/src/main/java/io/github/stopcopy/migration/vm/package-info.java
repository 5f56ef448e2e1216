/**
 * The VM that is played: {@link io.github.stopcopy.migration.vm.Vm} puts machine memory, vIOMMU,
 * VFIO devices, blockers and the outgoing migration together and offers what a management program
 * and the guest can do to it.
 */
@NullMarked
package io.github.stopcopy.migration.vm;

import org.jspecify.annotations.NullMarked;
