/**
 * What a Linux host tells of the devices that it can assign: from sysfs, debugfs, {@code /proc} and
 * parameters of modules, of this host or of a copy of those files; what only the kernel could be
 * asked comes from the table of its VFIO drivers, or from the answers of a probe. {@link
 * io.github.stopcopy.live.host.LinuxHost} reads it, and each fact says where it comes from. Nothing
 * is opened but plain files, and nothing is changed. Rules R-HOST.
 */
@NullMarked
package io.github.stopcopy.live.host;

import org.jspecify.annotations.NullMarked;
