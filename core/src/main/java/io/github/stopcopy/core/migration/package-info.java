/**
 * The vocabulary of migration that devices share: its status, and the port through which they can
 * make a running migration fail. The module {@code migration} implements the port; this package
 * lets VFIO use it without knowing that module.
 */
@NullMarked
package io.github.stopcopy.core.migration;

import org.jspecify.annotations.NullMarked;
