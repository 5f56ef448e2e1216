/** The vocabulary of migration that everybody shares: its status and its mode. */
@NullMarked
package io.github.stopcopy.core.migration;

import org.jspecify.annotations.NullMarked;
