/** Tests of the client against peers that lie. */
@NullMarked
package io.github.stopcopy.live.qmp;

import org.jspecify.annotations.NullMarked;
