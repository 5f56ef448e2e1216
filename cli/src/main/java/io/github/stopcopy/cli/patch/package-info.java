/**
 * Changes as a patch of libvirt's XML: the text is edited where it changes and nowhere else, so
 * that the difference is what a person would have typed.
 */
@NullMarked
package io.github.stopcopy.cli.patch;

import org.jspecify.annotations.NullMarked;
