/**
 * What QEMU and libvirt say in their own words, as one table: each message with the reasons that it
 * can stand for and the releases that say it; and who finds them in a line of a log. The model
 * never decides by such a text; people do, who have nothing else.
 */
@NullMarked
package io.github.stopcopy.migration.message;

import org.jspecify.annotations.NullMarked;
