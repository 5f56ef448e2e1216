/**
 * The answers of the command as text for people, and the words that all reports share. Pages are in
 * {@code cli.html}.
 */
@NullMarked
package io.github.stopcopy.cli.report;

import org.jspecify.annotations.NullMarked;
