/**
 * The vocabulary of migration that devices share: its status, the blockers they may register and the
 * port through which they can make a running migration fail. The module {@code migration} implements
 * the ports; this package lets VFIO and vIOMMU models use them without knowing it.
 */
@NullMarked
package io.github.stopcopy.core.migration;

import org.jspecify.annotations.NullMarked;
