/**
 * Properties of devices: a {@link io.github.stopcopy.core.property.PropertySchema schema} says what
 * a device type takes in one release and reads a user's settings exactly as QEMU does, errors
 * included (R-PROP-1 .. R-PROP-12).
 */
@NullMarked
package io.github.stopcopy.core.property;

import org.jspecify.annotations.NullMarked;
