/** Tests of the JSON formats. */
@NullMarked
package io.github.stopcopy.json;

import org.jspecify.annotations.NullMarked;
