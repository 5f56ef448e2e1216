/**
 * QEMU's machine protocol, as far as looking needs it: commands that only read, their answers and
 * events, from a running QEMU over its socket or from a file in which its answers were recorded.
 * What comes from outside is never trusted: sizes, depths and times are bounded, and whatever is
 * not the protocol is an error in one line.
 */
@NullMarked
package io.github.stopcopy.live.qmp;

import org.jspecify.annotations.NullMarked;
