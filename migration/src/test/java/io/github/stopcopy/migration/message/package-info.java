/** Tests of the messages that are known. */
@NullMarked
package io.github.stopcopy.migration.message;

import org.jspecify.annotations.NullMarked;
