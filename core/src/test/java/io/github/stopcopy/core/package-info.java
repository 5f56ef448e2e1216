/** What tests of several packages share. */
@NullMarked
package io.github.stopcopy.core;

import org.jspecify.annotations.NullMarked;
