/**
 * The catalogue of reasons: every code once, with its kind, what it means, the rules it follows and
 * what kinds of remedy can help. Texts and programs take them from here and from nowhere else.
 */
@NullMarked
package io.github.stopcopy.migration.reason;

import org.jspecify.annotations.NullMarked;
