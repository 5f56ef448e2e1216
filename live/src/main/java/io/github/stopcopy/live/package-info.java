/**
 * The living world. Facts that others have to be asked for, a running QEMU over QMP and a Linux
 * host through its file systems, read into the same values that files give: {@code VmConfig},
 * {@code HostFacts}. Everything here only reads; what changes a machine needs a call that says so.
 */
@NullMarked
package io.github.stopcopy.live;

import org.jspecify.annotations.NullMarked;
