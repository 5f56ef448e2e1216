/** QEMU's own rules, R-BLK-20 .. R-BLK-63, one class each, in the order in which QEMU asks them. */
@NullMarked
package io.github.stopcopy.migration.rules;

import org.jspecify.annotations.NullMarked;
