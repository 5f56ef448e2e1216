/**
 * Explains: a code of the catalogue, lines of a log, a key of a format. What is told of a code
 * comes from the catalogue, its examples from a file whose verdicts a test plays.
 */
@NullMarked
package io.github.stopcopy.cli.explain;

import org.jspecify.annotations.NullMarked;
