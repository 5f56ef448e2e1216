/**
 * What could help against a reason, and how a user would try it: options of the command, XML of
 * libvirt. Nothing here is told to a user before the model has tried it.
 */
@NullMarked
package io.github.stopcopy.migration.candidate;

import org.jspecify.annotations.NullMarked;
