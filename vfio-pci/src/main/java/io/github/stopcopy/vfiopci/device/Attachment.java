package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.kernel.KernelContainer;
import io.github.stopcopy.vfiopci.kernel.KernelDevice;

/**
 * Where a device was put, handed down to it by whoever did.
 *
 * @param container its container
 * @param pageTables the kernel's side of the container
 * @param kernel the kernel's side of the device, just opened
 */
public record Attachment(
    VfioContainer container, KernelContainer pageTables, KernelDevice kernel) {}
