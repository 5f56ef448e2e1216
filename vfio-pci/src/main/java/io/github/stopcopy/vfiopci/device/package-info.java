/**
 * vfio-pci as QEMU has it: devices with their properties, groups and containers with the listener
 * that maps guest memory for them, the choice of who tracks dirty pages, and the device's part in a
 * migration. Rules R-LST-*, R-DT-1 .. R-DT-37, R-DT-50 .. R-DT-59, R-PROP-*, R-MIG-43 .. R-MIG-46.
 * A VM has one {@link io.github.stopcopy.vfiopci.device.VfioSubsystem}, used on one thread. For the
 * module that assembles VMs only.
 */
@NullMarked
package io.github.stopcopy.vfiopci.device;

import org.jspecify.annotations.NullMarked;
