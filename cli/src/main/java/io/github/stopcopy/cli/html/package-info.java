/**
 * The answers of the command as pages of one file each, for browsers and printers. All text goes
 * through one {@link io.github.stopcopy.cli.html.HtmlWriter}, which escapes it.
 */
@NullMarked
package io.github.stopcopy.cli.html;

import org.jspecify.annotations.NullMarked;
