/**
 * The groups and containers of one VM: who shares what, attach and detach. Rules R-LST-1 ..
 * R-LST-6, R-BLK-30. A VM has one {@link io.github.stopcopy.vfiopci.subsystem.VfioSubsystem}, used
 * on one thread. For the module that assembles VMs only.
 */
@NullMarked
package io.github.stopcopy.vfiopci.subsystem;

import org.jspecify.annotations.NullMarked;
