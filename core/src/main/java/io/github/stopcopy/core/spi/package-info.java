/**
 * For authors of vIOMMU models, device types, dirty trackers and memory listeners. A provider is
 * found by {@link java.util.ServiceLoader} when its jar is there, or handed over as an object; what
 * it makes is used on the model's single thread, reports errors as values with QEMU's text, and may
 * keep what it is given. Additions to these interfaces come as default methods.
 */
@NullMarked
package io.github.stopcopy.core.spi;

import org.jspecify.annotations.NullMarked;
