/** The vocabulary of migration that everybody shares: its status. */
@NullMarked
package io.github.stopcopy.core.migration;

import org.jspecify.annotations.NullMarked;
