/**
 * The linter: settings that are legal and unwise. It is a rule set like anyone's, named {@code
 * lint}; {@link io.github.stopcopy.migration.lint.LintCode} has all that it can find.
 */
@NullMarked
package io.github.stopcopy.migration.lint;

import org.jspecify.annotations.NullMarked;
