/** The device types of vfio-pci with their properties in each release. Rules R-PROP-*. */
@NullMarked
package io.github.stopcopy.vfiopci.devicetype;

import org.jspecify.annotations.NullMarked;
