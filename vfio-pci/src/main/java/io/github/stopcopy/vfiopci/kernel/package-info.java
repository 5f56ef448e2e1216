/**
 * What VFIO asks of the kernel, as a port: containers that map memory, devices that change state
 * and log their writes. The {@link io.github.stopcopy.vfiopci.kernel.SimulatedKernel} answers from
 * host facts and keeps the kernel's own rules (R-DT-40 .. R-DT-44, R-MIG-40 .. R-MIG-42).
 */
@NullMarked
package io.github.stopcopy.vfiopci.kernel;

import org.jspecify.annotations.NullMarked;
