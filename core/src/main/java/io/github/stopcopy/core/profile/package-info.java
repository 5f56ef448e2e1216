/**
 * Which QEMU is played. A {@link io.github.stopcopy.core.profile.QemuProfile profile} is data: it
 * carries the facts that core needs, and every other module keeps its own table of behaviours.
 */
@NullMarked
package io.github.stopcopy.core.profile;

import org.jspecify.annotations.NullMarked;
