/** The answer of {@code check} as text for people and as JSON for programs. */
@NullMarked
package io.github.stopcopy.cli.report;

import org.jspecify.annotations.NullMarked;
