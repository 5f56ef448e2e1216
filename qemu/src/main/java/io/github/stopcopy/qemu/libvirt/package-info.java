/**
 * Reads libvirt's domain XML into a {@link io.github.stopcopy.core.config.VmConfig}. The XML is put
 * into the words of the QEMU command line that libvirt would start, as far as they matter to the
 * model, and those go through the command-line reader: there is one interpretation of a VM, not
 * two. What is not known is kept out of the model and told as a note; nothing outside the text is
 * looked at.
 */
@NullMarked
package io.github.stopcopy.qemu.libvirt;

import org.jspecify.annotations.NullMarked;
