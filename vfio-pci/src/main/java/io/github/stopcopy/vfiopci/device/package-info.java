/**
 * A vfio-pci device: its properties as realize checks them, and its part in migrations. Rules
 * R-PROP-*, R-MIG-43 .. R-MIG-46. Which container it is in is handed down to it. For the module
 * that assembles VMs only.
 */
@NullMarked
package io.github.stopcopy.vfiopci.device;

import org.jspecify.annotations.NullMarked;
