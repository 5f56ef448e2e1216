/**
 * The answers of the command as pages of one file each, for browsers and printers. All text goes
 * through one {@code HtmlWriter}, which escapes it. A page of another command is a class here that
 * gives a {@code Page} its head and its sections, and whose text {@code ReportOption} writes; what
 * is to be said of each VM that was played is a section in {@code Contents}.
 */
@NullMarked
package io.github.stopcopy.cli.html;

import org.jspecify.annotations.NullMarked;
